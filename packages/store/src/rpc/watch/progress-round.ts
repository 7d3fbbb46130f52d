import type { Watch } from './watch.js'

/**
 * A client asked how far its stream is. That can be said when every watch of the stream has
 * delivered all there is; then it is said once, for all of them.
 */
export class ProgressRound {
  readonly #tell: (revision: number) => void
  readonly #pending = new Set<Watch>()
  #revision = 0
  /** Asked for during a round: those who answered in it may be further by its end. */
  #next: Iterable<Watch> | undefined

  constructor(tell: (revision: number) => void) {
    this.#tell = tell
  }

  /** `watches` is read when the round begins. */
  begin(watches: Iterable<Watch>): void {
    if (this.#pending.size > 0) {
      this.#next = watches
      return
    }
    this.#revision = Number.POSITIVE_INFINITY
    const asked = [...watches]
    for (const watch of asked) this.#pending.add(watch)
    for (const { subscription } of asked) subscription?.requestProgress()
  }

  /** False: nobody asked this watch. */
  reached(watch: Watch, revision: number): boolean {
    if (!this.#pending.delete(watch)) return false
    this.#revision = Math.min(this.#revision, revision)
    this.#endIfComplete()
    return true
  }

  left(watch: Watch): void {
    if (this.#pending.delete(watch)) this.#endIfComplete()
  }

  #endIfComplete(): void {
    if (this.#pending.size > 0) return
    if (Number.isFinite(this.#revision)) this.#tell(this.#revision)
    const next = this.#next
    this.#next = undefined
    if (next !== undefined) this.begin(next)
  }
}
