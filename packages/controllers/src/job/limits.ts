/** Bounds of what one reconcile of a Job does. */
export const limits = {
  /** Pods created or deleted at a time. */
  burstPods: 500,
  /** Ended Pods noted in the status at a time. */
  uncountedMax: 500,
} as const

export const timing = {
  /** Between tries of a reconcile that failed. */
  pauses: { firstMs: 1000, maxMs: 60_000 },
  /** After a failed Pod, doubled with every further one. */
  backoffFirstMs: 10_000,
  backoffMaxMs: 600_000,
} as const
