import type { KvHash } from '../backend/kv-hash.js'
import type { Clock, Timer } from '../clock.js'
import type { Log } from '../log.js'
import { formatId } from '../membership/ids.js'
import type { NodeId } from '../raft/types.js'

export const HASH_KV_PATH = 'members/hashkv'

export interface CorruptionCheckOptions {
  readonly clock: Clock
  readonly log: Log
  readonly intervalMs: number
  readonly isLeading: () => boolean
  /** Resolves when this member has all that was acknowledged. */
  readonly confirm: () => Promise<void>
  readonly hashKv: (revision: number) => Promise<KvHash>
  readonly others: () => readonly NodeId[]
  readonly ask: (id: NodeId, revision: number, signal: AbortSignal) => Promise<KvHash>
  /** Raises the alarm of the whole cluster: nobody writes or reads what may be wrong. */
  readonly raise: (id: NodeId) => Promise<unknown>
}

/**
 * The leader compares the others' data with its own from time to time. Members that agree on the log
 * come to the same keys: one that has not has a bug, or a bad memory. Source: etcd, server/corrupt.go.
 */
export class CorruptionCheck {
  readonly #options: CorruptionCheckOptions
  readonly #closed = new AbortController()
  #timer: Timer | undefined

  constructor(options: CorruptionCheckOptions) {
    this.#options = options
    this.#setTimer()
  }

  close(): void {
    this.#closed.abort()
    this.#timer?.cancel()
  }

  #setTimer(): void {
    const { clock, intervalMs, log } = this.#options
    this.#timer = clock.setTimer(intervalMs, () => {
      this.#check()
        .catch((error: unknown) =>
          log.warn('could not check for corruption', { error: `${error}` }),
        )
        .finally(() => {
          if (!this.#closed.signal.aborted) this.#setTimer()
        })
    })
  }

  async #check(): Promise<void> {
    const { isLeading, confirm, hashKv, others } = this.#options
    if (!isLeading()) return
    await confirm()
    const ours = await hashKv(0)
    await Promise.all(others().map((id) => this.#compare(id, ours)))
  }

  async #compare(id: NodeId, ours: KvHash): Promise<void> {
    const { ask, raise, log } = this.#options
    const member = formatId(id)
    try {
      const theirs = await ask(id, ours.hashRevision, this.#closed.signal)
      // What one has forgotten and the other not yet, can't be compared.
      if (theirs.compactRevision !== ours.compactRevision || theirs.hash === ours.hash) return
      log.error('a member has other data', { member, revision: ours.hashRevision })
      await raise(id)
    } catch (error) {
      log.warn("could not compare a member's data", { member, error: String(error) })
    }
  }
}
