/** Bounds of what is kept of Pods that nobody looks after. */
export const limits = {
  /** Ended Pods in the whole cluster; the oldest beyond that are deleted. */
  endedPodsMax: 12_500,
  /** How long a node may be missing before its Pods are given up. */
  quarantineMs: 40_000,
  /** How long a Pod without a node may take to go: whoever deletes it is not through before that. */
  unscheduledMs: 20_000,
} as const
