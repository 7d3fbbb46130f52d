import { requestInfoOf } from './request-info.js'
import type { Stage } from './stage.js'

/** Fills in `context.info`. */
export const requestInfo: Stage = (context, next) => {
  context.info = requestInfoOf(context.request)
  return next(context)
}
