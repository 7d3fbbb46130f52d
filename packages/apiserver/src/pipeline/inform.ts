import { plainText } from '../negotiation/respond.js'
import { requestInfoOf, UnreadableUrl } from './request-info.js'
import type { Stage } from './stage.js'

/** Fills in `context.info`. */
export const requestInfo: Stage = (context, next) => {
  try {
    context.info = requestInfoOf(context.request)
  } catch (error) {
    if (error instanceof UnreadableUrl)
      return Promise.resolve(plainText(error.status, error.message))
    throw error
  }
  return next(context)
}
