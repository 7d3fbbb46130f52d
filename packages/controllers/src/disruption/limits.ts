export const timing = {
  /** From the moment an eviction was granted until its Pod has to be on its way out. */
  deletionMs: 120_000,
} as const
