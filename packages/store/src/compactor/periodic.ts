import type { CompactionPolicy } from './policy.js'

const HOUR_MS = 60 * 60 * 1000

/** The past is looked at so often in a period, or in an hour if that is shorter. */
const LOOKS = 10

/**
 * Keeps the history of the last `periodMs`: notes the revision ten times a period (an hour, if that
 * is shorter), and compacts at the oldest note once an interval. Source: etcd, v3compactor/periodic.go.
 */
export class PeriodicCompaction implements CompactionPolicy {
  readonly lookIntervalMs: number
  readonly #periodMs: number
  /** The newest last; the first is about a period old. */
  readonly #revisions: number[] = []
  #lastRevision = 0
  #lastMs: number
  /** The first compaction is due after a whole period. */
  #intervalMs: number

  constructor(periodMs: number, nowMs: number) {
    this.#periodMs = periodMs
    this.#intervalMs = periodMs
    this.#lastMs = nowMs
    this.lookIntervalMs = Math.max(Math.floor(Math.min(periodMs, HOUR_MS) / LOOKS), 1)
  }

  note(revision: number): void {
    this.#revisions.push(revision)
    const kept = Math.floor(this.#periodMs / this.lookIntervalMs) + 1
    if (this.#revisions.length > kept) this.#revisions.shift()
  }

  due(nowMs: number): number | undefined {
    const revision = this.#revisions[0]
    if (revision === undefined || revision === this.#lastRevision) return undefined
    if (nowMs - this.#lastMs < this.#intervalMs) return undefined
    this.#intervalMs = Math.min(this.#periodMs, HOUR_MS)
    return revision
  }

  done(revision: number, nowMs: number): void {
    this.#lastRevision = revision
    this.#lastMs = nowMs
  }
}
