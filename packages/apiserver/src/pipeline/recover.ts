import { type ApiResponse, internalError, isStatusError, type Status } from '@miniplane/api'
import { AccessRefused } from '../authz/authorizer.js'
import type { Log } from '../log.js'
import { respondStatus, unsniffable } from '../negotiation/respond.js'
import type { Stage } from './stage.js'

/** Turns what was thrown into a `Status`: a refusal into its own, a bug into a 500. */
export const recover =
  (log: Log): Stage =>
  async (context, next): Promise<ApiResponse> => {
    try {
      return await next(context)
    } catch (error) {
      const status = statusOf(error, (bug) => {
        const { method, path } = context.request
        log.error(`${method} ${path}: ${String(bug)}`, { error: bug })
      })
      const response = respondStatus(context, status)
      return error instanceof AccessRefused ? unsniffable(response) : response
    }
  }

function statusOf(error: unknown, onBug: (error: unknown) => void): Status {
  if (isStatusError(error)) return { kind: 'Status', apiVersion: 'v1', ...error.status }
  onBug(error)
  return internalError(error instanceof Error ? error : new Error(String(error))).status
}
