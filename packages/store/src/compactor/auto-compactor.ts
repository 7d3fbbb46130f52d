import type { Clock, Timer } from '../clock.js'
import { StoreError } from '../errors.js'
import type { Log } from '../log.js'
import { RevisionCompaction } from './by-revision.js'
import { PeriodicCompaction } from './periodic.js'
import type { CompactionPolicy } from './policy.js'

/** etcd's `--auto-compaction-mode` and `--auto-compaction-retention`. */
export type AutoCompaction =
  | { readonly mode: 'periodic'; readonly retentionMs: number }
  | { readonly mode: 'revision'; readonly retentionRevisions: number }

export interface AutoCompactorOptions {
  readonly clock: Clock
  readonly log: Log
  /** The store's, now. */
  readonly revision: () => number
  /** Rejects with `Compacted` when that is done already. */
  readonly compact: (revision: number) => Promise<unknown>
}

/**
 * Compacts the store from time to time. The members need only one who does: it begins paused, and
 * runs while its member leads.
 */
export class AutoCompactor {
  readonly #options: AutoCompactorOptions
  readonly #policy: CompactionPolicy
  #isPaused = true
  #isCompacting = false
  #timer: Timer | undefined

  constructor(compaction: AutoCompaction, options: AutoCompactorOptions) {
    const { clock, revision } = options
    this.#options = options
    this.#policy =
      compaction.mode === 'periodic'
        ? new PeriodicCompaction(compaction.retentionMs, clock.now())
        : new RevisionCompaction(compaction.retentionRevisions, revision)
    this.#wait()
  }

  pause(): void {
    this.#isPaused = true
  }

  resume(): void {
    this.#isPaused = false
  }

  close(): void {
    this.#timer?.cancel()
    this.#timer = undefined
  }

  #wait(): void {
    const { clock, revision } = this.#options
    this.#policy.note(revision())
    this.#timer = clock.setTimer(this.#policy.lookIntervalMs, () => {
      const due = this.#isPaused || this.#isCompacting ? undefined : this.#policy.due(clock.now())
      if (due !== undefined) void this.#compact(due)
      this.#wait()
    })
  }

  /** What fails is tried again after the next interval. Never rejects. */
  async #compact(revision: number): Promise<void> {
    const { clock, log, compact } = this.#options
    this.#isCompacting = true
    try {
      await compact(revision)
      log.info('completed auto compaction', { revision })
      this.#policy.done(revision, clock.now())
    } catch (error) {
      if (error instanceof StoreError && error.code === 'Compacted') {
        this.#policy.done(revision, clock.now())
      } else {
        log.warn('failed auto compaction', { revision, error: String(error) })
      }
    } finally {
      this.#isCompacting = false
    }
  }
}
