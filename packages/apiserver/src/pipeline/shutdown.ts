import { serviceUnavailable } from '@miniplane/api'
import type { Stage } from './stage.js'

/**
 * Answers 503 once the server is closed: what its caches hold is no longer followed, and a write
 * would be seen by nobody. Health and metrics still tell what they know.
 */
export const refuseWhenClosed =
  (state: { readonly isClosed: boolean }): Stage =>
  (context, next) => {
    if (!state.isClosed || !context.info.isResource) return next(context)
    throw serviceUnavailable('The apiserver is shutting down, please try again later.')
  }
