export const limits = {
  /** Pods that one reconcile creates or deletes. */
  burstPods: 250,
  /** How long a Pod that failed on a node is left there, doubled with every time. */
  failedPodFirstMs: 1000,
  failedPodMaxMs: 15 * 60_000,
  /** Revisions kept beside those in use, where the DaemonSet does not say. */
  revisionHistory: 10,
} as const
