export type WalErrorCode =
  /** Bytes that were durable are damaged or gone. */
  | 'corrupt'
  | 'newerFormat'
  /** The log of another member or of another cluster. */
  | 'otherMember'
  /** The log goes on from a snapshot that isn't there any more. */
  | 'snapshotMissing'
  | 'exists'
  | 'notFound'
  | 'closed'

/** Why a log cannot be used. Nothing was changed on disk. */
export class WalError extends Error {
  override readonly name = 'WalError'
  readonly code: WalErrorCode

  constructor(code: WalErrorCode, message: string) {
    super(message)
    this.code = code
  }
}

export function corrupt(path: string, offset: number, what: string): WalError {
  return new WalError(
    'corrupt',
    `corrupt record at byte ${offset} of ${path}: ${what}; nothing was changed; ` +
      'restore this member from a snapshot or add it anew',
  )
}
