import { type Authorizer, demand } from '../authz/authorizer.js'
import type { Stage } from './stage.js'

/** Passes the request on, or answers 403. Needs `context.user`. */
export const authorize =
  (authorizer: Authorizer): Stage =>
  (context, next) => {
    demand(authorizer, context.user, context.info)
    return next(context)
  }
