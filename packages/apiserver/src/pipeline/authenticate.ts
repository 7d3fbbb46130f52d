import { type ApiResponse, unauthorized } from '@miniplane/api'
import type { Authenticator } from '../authn/authenticator.js'
import type { Handler, RequestContext, Stage, UserInfo } from './stage.js'

/** Finds out who asks, or answers 401. Credentials go no further. */
export const authenticate =
  (authenticator: Authenticator): Stage =>
  (context, next) => {
    if (LATE_TOKEN.test(context.request.headers.authorization ?? ''))
      context.warnings.push(
        'the provided Authorization header contains extra space before the bearer token, and is ignored',
      )
    const found = authenticator.authenticate(context.request)
    // Most are known at once, and then nobody waits.
    return found instanceof Promise
      ? found.then((user) => proceed(user, context, next))
      : proceed(found, context, next)
  }

const LATE_TOKEN = /^\s*bearer {2}\s*\S/i

function proceed(
  user: UserInfo | undefined,
  context: RequestContext,
  next: Handler,
): Promise<ApiResponse> {
  if (!user) throw unauthorized()
  context.user = user
  return next(context)
}
