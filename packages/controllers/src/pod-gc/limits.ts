/** Bounds of what is kept of Pods that nobody looks after. */
export const limits = {
  /** Ended Pods in the whole cluster; the oldest beyond that are deleted. */
  endedPodsMax: 12_500,
  /** How long a node may be missing before its Pods are given up. */
  quarantineMs: 40_000,
} as const
