/** When to compact, and at which revision. */
export interface CompactionPolicy {
  readonly lookIntervalMs: number
  /** The store's revision, at the beginning of each interval. */
  note(revision: number): void
  /** At the end of it: what to compact at; undefined: nothing. */
  due(nowMs: number): number | undefined
  /** It is compacted there. */
  done(revision: number, nowMs: number): void
}
