import type { KeyRange } from '../client/key-range.js'
import type {
  WatchEnd,
  WatchObserver,
  WatchOptions,
  WatchSubscription,
} from '../client/store-client.js'
import type { Clock, Timer, YieldTurn } from '../clock.js'
import type { Ledger } from '../ledger.js'
import type { StoreLimits } from '../limits.js'
import type { KeyRevision } from '../mvcc/key-revision.js'
import type { Mvcc } from '../mvcc/mvcc.js'
import { CatchUp } from './catch-up.js'
import { fanOut } from './fan-out.js'
import { Watcher, type WatcherHost } from './watcher.js'
import { WatcherIndex } from './watcher-index.js'

export interface WatchHubOptions {
  readonly mvcc: Mvcc
  readonly clock: Clock
  readonly ledger: Ledger
  readonly limits: StoreLimits
  readonly yieldTurn: YieldTurn
}

/**
 * All watchers of a store. Synced ones are told inside each write; unsynced ones read history until
 * they have caught up (see catch-up.ts).
 */
export class WatchHub implements WatcherHost {
  /** To all watchers, since the process began. */
  eventsSent = 0
  readonly #options: WatchHubOptions
  readonly #synced = new WatcherIndex()
  readonly #paused = new Set<Watcher>()
  readonly #catchUp: CatchUp
  /** Transactions written by observers while another one is being delivered. */
  readonly #waiting: (readonly KeyRevision[])[] = []
  #isDelivering = false
  /** Up to here every synced watcher has been told. */
  #deliveredRevision: number
  #progressTimer: Timer | undefined
  #progressWatchers = 0

  constructor(options: WatchHubOptions) {
    this.#options = options
    this.#deliveredRevision = options.mvcc.revision
    this.#catchUp = new CatchUp(options, (watcher) => this.#sync(watcher))
  }

  get size(): number {
    return this.#synced.size + this.#paused.size + this.#catchUp.size
  }

  /** Those that have not yet been told of everything. */
  get laggingSize(): number {
    return this.#paused.size + this.#catchUp.size
  }

  subscribe(range: KeyRange, observer: WatchObserver, options: WatchOptions): WatchSubscription {
    const { revision } = this.#options.mvcc
    const startRevision = options.startRevision ?? 0
    const nextRevision = startRevision > 0 ? startRevision : revision + 1
    const watcher = new Watcher(this, range, observer, options, nextRevision)
    if (watcher.progressNotify) this.#addProgressWatcher()
    if (nextRevision > revision) this.#sync(watcher)
    else this.#catchUp.add(watcher)
    return watcher
  }

  /**
   * Delivers a transaction, inside the call of whoever wrote it. When an observer writes, its
   * transaction waits until this one has reached everyone: each watcher sees revisions in order.
   */
  notify(records: readonly KeyRevision[]): void {
    if (this.#isDelivering) {
      this.#waiting.push(records)
      return
    }
    this.#isDelivering = true
    this.#deliver(records)
    for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift()) {
      this.#deliver(next)
    }
    this.#isDelivering = false
  }

  #deliver(records: readonly KeyRevision[]): void {
    const revision = records[0]?.kv.modRevision ?? this.#deliveredRevision
    fanOut(this.#synced, records, this.#options.mvcc.compactRevision)
    this.#deliveredRevision = revision
  }

  requestProgress(watcher: Watcher): void {
    if (watcher.state === 'synced') this.#notifyProgress(watcher)
    else watcher.wantsProgress = true
  }

  pause(watcher: Watcher): void {
    if (watcher.state === 'synced') {
      this.#synced.delete(watcher)
      // What it was not told because it is not in its range it need not read again either.
      watcher.nextRevision = Math.max(watcher.nextRevision, this.#deliveredRevision + 1)
    } else {
      this.#catchUp.delete(watcher)
    }
    watcher.state = 'paused'
    this.#paused.add(watcher)
  }

  resume(watcher: Watcher): void {
    this.#paused.delete(watcher)
    if (watcher.nextRevision > this.#options.mvcc.revision) this.#sync(watcher)
    else this.#catchUp.add(watcher)
  }

  /**
   * The store jumped forward to a state from elsewhere: synced watchers read what they have not
   * been told from its history, or end as compacted.
   */
  resync(): void {
    const synced = [...this.#synced]
    for (const watcher of synced) this.pause(watcher)
    this.#deliveredRevision = this.#options.mvcc.revision
    for (const watcher of synced) this.resume(watcher)
  }

  /** Lets go of the watcher, whatever its state. */
  cancel(watcher: Watcher): void {
    if (watcher.state === 'synced') this.#synced.delete(watcher)
    else if (watcher.state === 'paused') this.#paused.delete(watcher)
    else if (watcher.state === 'unsynced') this.#catchUp.delete(watcher)
    if (watcher.progressNotify && --this.#progressWatchers === 0) this.#progressTimer?.cancel()
  }

  close(): void {
    const end: WatchEnd = { reason: 'closed' }
    const all = [...this.#synced, ...this.#paused, ...this.#catchUp]
    for (const watcher of all) this.cancel(watcher)
    for (const watcher of all) watcher.end(end)
  }

  #sync(watcher: Watcher): void {
    watcher.state = 'synced'
    this.#synced.add(watcher)
    if (watcher.wantsProgress) this.#notifyProgress(watcher)
  }

  #notifyProgress(watcher: Watcher): void {
    // In the middle of a delivery this watcher may be ahead of the others, but not of the store.
    const told = Math.max(this.#deliveredRevision, watcher.nextRevision - 1)
    watcher.notifyProgress(Math.min(told, this.#options.mvcc.revision))
  }

  #addProgressWatcher(): void {
    this.#progressWatchers++
    if (this.#progressWatchers === 1) this.#setProgressTimer()
  }

  #setProgressTimer(): void {
    const { clock, limits } = this.#options
    this.#progressTimer = clock.setTimer(limits.progressNotifyIntervalMs, () => {
      for (const watcher of [...this.#synced]) {
        if (!watcher.progressNotify || watcher.state !== 'synced') continue
        if (!watcher.wasActive) this.#notifyProgress(watcher)
        watcher.wasActive = false
      }
      if (this.#progressWatchers > 0) this.#setProgressTimer()
    })
  }
}
