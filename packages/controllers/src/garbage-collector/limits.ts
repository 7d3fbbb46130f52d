/** Bounds of the garbage collector. */
export const limits = {
  /** Owners known to be gone that are remembered; the oldest are forgotten first. */
  absentOwnersMax: 500,
  /** Attempts to let an object go while others write to it, before the work item is put back. */
  finalizerTries: 5,
  /** Objects looked at, at the same time. */
  workers: 20,
} as const
