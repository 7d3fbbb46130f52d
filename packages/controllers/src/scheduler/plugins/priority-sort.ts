/** What the order of the queue depends on. */
export interface Queued {
  readonly priority: number
  readonly queuedAtMs: number
  /** Counts up with every Pod that is queued: decides between Pods of the same millisecond. */
  readonly order: number
}

/** The more important Pod first, then the one that waits longer. */
export const prioritySort = (a: Queued, b: Queued): number =>
  b.priority - a.priority || a.queuedAtMs - b.queuedAtMs || a.order - b.order
