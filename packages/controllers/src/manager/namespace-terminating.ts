import { isStatusError } from '@miniplane/api'

/** Nothing can be created in a namespace that is going away, and nothing needs to be any more. */
export const isNamespaceTerminating = (error: unknown): boolean =>
  isStatusError(error) &&
  (error.status.details?.causes ?? []).some(({ reason }) => reason === 'NamespaceTerminating')
