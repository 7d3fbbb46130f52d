/** Bounds of what one reconcile of an owner of Pods does. */
export const limits = {
  /** Pods created or deleted in one reconcile; the rest follows in the next. */
  burstReplicas: 500,
} as const
