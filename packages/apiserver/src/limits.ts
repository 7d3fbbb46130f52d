/** Every bound of the API server. Each can be overridden through `ApiServerOptions.limits`. */
export const limits = {
  /** Largest request body, as in the real server. */
  requestBodyBytesMax: 3 * 1024 * 1024,
  /** A request that is not a watch is answered within this time. */
  requestTimeoutMs: 60_000,
  /** How long a watch lasts when the client does not say: between this and twice this. */
  watchTimeoutMs: 30 * 60_000,
  /** What a reader of a watch may be behind before it is cut off. */
  watchQueuedBytesMax: 16 * 1024 * 1024,
  /** Changes that a resource's watch cache remembers. */
  watchCacheEventsMax: 8_192,
  /** And their objects as JSON: in memory they take several times as much. */
  watchCacheBytesMax: 32 * 1024 * 1024,
  /** How often an idle watch that allows it gets a bookmark. */
  bookmarkIntervalMs: 60_000,
  /** How long a read waits for the cache to reach the resourceVersion asked for. */
  freshnessTimeoutMs: 3_000,
  /** The first wait before a store that broke off is asked again, and the longest. */
  storeRetryMs: 50,
  storeRetryMaxMs: 5_000,
  /** Attempts of a write that keeps meeting other writers, before it answers a conflict. */
  updateAttemptsMax: 64,
  /** Names tried for `generateName` before the conflict is answered. */
  generateNameAttemptsMax: 8,
  /** A cause that a client sends along; a longer one is passed over. */
  causeBytesMax: 8 * 1024,
  /** Writes whose cause is remembered. */
  causeRecordsMax: 50_000,
  /** Operations in one JSON patch. */
  jsonPatchOperationsMax: 10_000,
  /** Events live this long, unless they are written again. */
  eventTtlSeconds: 3_600,
  /** The store's history is dropped after between one and two of these. */
  compactionIntervalMs: 5 * 60_000,
  /** Requests in progress, mutating and others together; more are answered 429. */
  requestsInFlightMax: 4_000,
  /** Watches open at the same time. */
  watchesMax: 50_000,
}

export type Limits = typeof limits
