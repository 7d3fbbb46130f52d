import { type Authorizer, refusal } from '../authz/authorizer.js'
import type { Stage } from './stage.js'

/** Passes the request on, or answers 403. Needs `context.user`. */
export const authorize =
  (authorizer: Authorizer): Stage =>
  (context, next) => {
    const { user, info } = context
    const { decision, reason } = authorizer.authorize(user, info)
    if (decision === 'allow') return next(context)
    throw refusal(user, info, reason)
  }
