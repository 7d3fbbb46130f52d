import type { YieldTurn } from '../clock.js'
import type { Ledger } from '../ledger.js'
import type { StoreLimits } from '../limits.js'
import type { KeyRevision } from '../mvcc/key-revision.js'
import type { Mvcc } from '../mvcc/mvcc.js'
import { fanOut } from './fan-out.js'
import type { Watcher } from './watcher.js'
import { WatcherIndex } from './watcher-index.js'

export interface CatchUpOptions {
  readonly mvcc: Mvcc
  readonly ledger: Ledger
  readonly limits: StoreLimits
  readonly yieldTurn: YieldTurn
}

/**
 * Serves unsynced watchers from history, in slices. A slice is led by the watcher that waits
 * longest; those that need the same stretch of history share the reading. Who is still behind goes
 * to the end of the queue, so that nobody waits for somebody else's long way.
 */
export class CatchUp {
  readonly #options: CatchUpOptions
  readonly #onSynced: (watcher: Watcher) => void
  /** In the order of their turn. */
  readonly #unsynced = new Set<Watcher>()
  /** Those served in the slice that runs; who is paused or cancelled in it leaves it for good. */
  #slice = new WatcherIndex()
  #isScheduled = false

  constructor(options: CatchUpOptions, onSynced: (watcher: Watcher) => void) {
    this.#options = options
    this.#onSynced = onSynced
  }

  get size(): number {
    return this.#unsynced.size
  }

  [Symbol.iterator](): Iterator<Watcher> {
    return this.#unsynced.values()
  }

  add(watcher: Watcher): void {
    watcher.state = 'unsynced'
    this.#enqueue(watcher)
    // Soon, but not inside the call that subscribes: the caller has no handle yet.
    this.#schedule(queueMicrotask)
  }

  delete(watcher: Watcher): void {
    if (!this.#unsynced.delete(watcher)) return
    this.#slice.delete(watcher)
    this.#options.ledger.end('watchEvent')
  }

  #schedule(later: YieldTurn): void {
    if (this.#isScheduled) return
    this.#isScheduled = true
    later(() => {
      this.#isScheduled = false
      this.#runSlice()
      if (this.#unsynced.size > 0) this.#schedule(this.#options.yieldTurn)
    })
  }

  #runSlice(): void {
    const { mvcc } = this.#options
    this.#endCompacted()
    const [leader] = this.#unsynced
    if (leader === undefined) return
    const records = mvcc.log.read(leader.nextRevision, this.#recordsPerSlice)
    const last = records.at(-1)?.kv.modRevision ?? mvcc.revision
    const cohort = this.#cohortOf(leader, last)
    this.#slice = new WatcherIndex()
    for (const watcher of cohort) this.#slice.add(watcher)
    for (const transaction of byRevision(records)) {
      fanOut(this.#slice, transaction, mvcc.compactRevision)
    }
    for (const watcher of cohort) if (this.#slice.has(watcher)) this.#advance(watcher, last + 1)
  }

  /** The more watchers share a slice, the shorter it is. */
  get #recordsPerSlice(): number {
    const { catchUpRecordsPerSlice, catchUpWatchersPerSlice, catchUpDeliveriesPerSlice } =
      this.#options.limits
    const watchers = Math.min(this.#unsynced.size, catchUpWatchersPerSlice)
    const share = Math.ceil(catchUpDeliveriesPerSlice / Math.max(watchers, 1))
    return Math.min(catchUpRecordsPerSlice, share)
  }

  /** Who needs something of what lies between the leader's next revision and `last`. */
  #cohortOf(leader: Watcher, last: number): Watcher[] {
    const cohort: Watcher[] = []
    for (const watcher of this.#unsynced) {
      if (watcher.nextRevision < leader.nextRevision || watcher.nextRevision > last) continue
      cohort.push(watcher)
      if (cohort.length === this.#options.limits.catchUpWatchersPerSlice) break
    }
    return cohort
  }

  #advance(watcher: Watcher, nextRevision: number): void {
    watcher.nextRevision = Math.max(watcher.nextRevision, nextRevision)
    this.delete(watcher)
    if (watcher.nextRevision > this.#options.mvcc.revision) this.#onSynced(watcher)
    else this.#enqueue(watcher)
  }

  #enqueue(watcher: Watcher): void {
    this.#unsynced.add(watcher)
    this.#options.ledger.begin('watchEvent')
  }

  #endCompacted(): void {
    const { compactRevision } = this.#options.mvcc
    for (const watcher of [...this.#unsynced]) {
      if (watcher.nextRevision >= compactRevision || watcher.state !== 'unsynced') continue
      watcher.compacted(compactRevision)
    }
  }
}

/** Cuts the records into transactions. */
function* byRevision(records: readonly KeyRevision[]): Iterable<readonly KeyRevision[]> {
  let start = 0
  for (let end = 1; end <= records.length; end++) {
    const revision = records[start]?.kv.modRevision
    if (end < records.length && records[end]?.kv.modRevision === revision) continue
    yield records.slice(start, end)
    start = end
  }
}
