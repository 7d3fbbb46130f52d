/** What can be under way in a plane. */
export type Activity = 'request' | 'watchEvent' | 'queuedKey' | 'reconcile' | 'dueTimer'

/**
 * Counts everything under way in one plane, so that `settle()` can tell when nothing is left to
 * do. Components call `begin` and `end` in pairs; a pair that is never closed keeps the plane from
 * settling, which a test notices.
 */
export class Ledger {
  readonly #counts: Record<Activity, number> = {
    request: 0,
    watchEvent: 0,
    queuedKey: 0,
    reconcile: 0,
    dueTimer: 0,
  }
  #total = 0
  #waiters: (() => void)[] = []

  begin(activity: Activity, count = 1): void {
    this.#counts[activity] += count
    this.#total += count
  }

  end(activity: Activity, count = 1): void {
    this.#counts[activity] -= count
    this.#total -= count
    if (this.#total === 0 && this.#waiters.length > 0) {
      for (const resolve of this.#waiters.splice(0)) resolve()
    }
  }

  /** What is under way now; for messages such as "did not settle: 3 keys queued". */
  counts(): Readonly<Record<Activity, number>> {
    return { ...this.#counts }
  }

  get isIdle(): boolean {
    return this.#total === 0
  }

  /** Resolves at the next moment when nothing is under way, at once when that is now. */
  idle(): Promise<void> {
    if (this.isIdle) return Promise.resolve()
    return new Promise((resolve) => this.#waiters.push(resolve))
  }
}
