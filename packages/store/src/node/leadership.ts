import type { Clock } from '../clock.js'
import { StoreError } from '../errors.js'
import type { PeerTransport } from '../peer/transport.js'
import type { NodeId, SoftState } from '../raft/types.js'

export interface LeadershipOptions {
  readonly selfId: NodeId
  readonly clock: Clock
  readonly transport: PeerTransport
  readonly electionMs: number
}

/** Who leads as far as this member knows, and what its changes mean for those who wait. */
export class Leadership {
  readonly #options: LeadershipOptions
  #current: SoftState = { leader: 0n, role: 'follower' }
  #sinceMs = Number.NEGATIVE_INFINITY

  constructor(options: LeadershipOptions) {
    this.#options = options
  }

  /** 0n: nobody. */
  get leader(): NodeId {
    return this.#current.leader
  }

  get isOurs(): boolean {
    return this.#current.role === 'leader'
  }

  /** Whether somebody else leads now, or nobody. */
  update(state: SoftState): boolean {
    const hasChanged = state.leader !== this.leader
    this.#current = state
    if (hasChanged && state.leader !== 0n) this.#sinceMs = this.#options.clock.now()
    return hasChanged
  }

  /** As etcd tells apart why a proposal was not applied in time. */
  timeoutError(startedMs: number): StoreError {
    const { selfId, transport, electionMs } = this.#options
    const lostMs = this.#sinceMs - 2 * electionMs
    if (startedMs > lostMs && startedMs < this.#sinceMs) {
      return new StoreError({ code: 'TimeoutDueToLeaderFail' })
    }
    const { leader } = this
    if (leader !== 0n && leader !== selfId && transport.activeSince(leader) === undefined) {
      return new StoreError({ code: 'TimeoutDueToConnectionLost' })
    }
    return new StoreError({ code: 'Timeout' })
  }
}
