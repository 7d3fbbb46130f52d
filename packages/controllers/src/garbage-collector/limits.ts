/** Bounds of the garbage collector. */
export const limits = {
  /** Owners known to be gone that are remembered; the oldest are forgotten first. */
  absentOwnersMax: 500,
  /** Objects looked at, at the same time. */
  workers: 20,
} as const
