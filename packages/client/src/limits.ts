/** Every bound of this package, in one place. */
export const limits = {
  /** From sending a request to the first byte of its answer. */
  requestTimeoutMs: 60_000,
  responseBytesMax: 256 * 1024 * 1024,
  /** Inside the process, for all callers together: some milliseconds' worth. */
  callsPerTurnMax: 16,
  /** Changes remembered per queued key; the oldest are forgotten first. */
  triggersPerKeyMax: 16,
  /** Longest pause between two tries of a failing work item, and of a list-watch. */
  backoffMaxMs: 1_000_000,
  relistBackoffMaxMs: 30_000,
  /** Events of one object within the window before the recorder goes quiet (token bucket). */
  eventBurst: 25,
  eventRefillMs: 300_000,
  /** Of similar events (differing in message only) the one from which on they are folded into one. */
  eventAggregateMax: 10,
  eventAggregateWindowMs: 600_000,
  eventCacheMax: 4096,
  /** Events waiting to be written; more are dropped, since events are best effort. */
  eventsQueuedMax: 1000,
  /** Names tried for an event: on a held clock many happen in one moment. */
  eventNameAttemptsMax: 16,
} as const
