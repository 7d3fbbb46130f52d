import { type Status, StatusError } from '@miniplane/api'

export function isReason(error: unknown, reason: string): error is StatusError {
  return error instanceof StatusError && error.status.reason === reason
}

export const isNotFound = (error: unknown): error is StatusError => isReason(error, 'NotFound')
export const isConflict = (error: unknown): error is StatusError => isReason(error, 'Conflict')

/** The same error, saying which file it came from: `error when creating "web.yaml": …`. */
export function withSource(error: unknown, doing: string, source: string): Error {
  const known = error instanceof Error ? error : new Error(String(error))
  if (source === '') return known
  return withPrefix(known, `error when ${doing} "${source}": `)
}

/** The same error with words in front of its message; a `Status` stays one. */
export function withPrefix(error: Error, prefix: string): Error {
  if (!(error instanceof StatusError)) return new Error(prefix + error.message, { cause: error })
  const status: Status = { ...error.status, message: prefix + (error.status.message ?? '') }
  return new StatusError(status)
}
