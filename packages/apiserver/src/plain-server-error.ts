import { StatusError } from '@miniplane/api'

/** What the real server makes of an error that it does not know: 500 with its text, and no reason. */
export function plainServerError(message: string): StatusError {
  return new StatusError({
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message,
    code: 500,
  })
}
