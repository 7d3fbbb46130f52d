import { unauthorized } from '@miniplane/api'
import type { Authenticator } from '../authn/authenticator.js'
import type { Stage } from './stage.js'

/** Finds out who asks, or answers 401. Credentials go no further. */
export const authenticate =
  (authenticator: Authenticator): Stage =>
  async (context, next) => {
    const found = authenticator.authenticate(context.request)
    const user = found instanceof Promise ? await found : found
    if (!user) throw unauthorized()
    context.user = user
    return next(context)
  }
