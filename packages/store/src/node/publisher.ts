import type { Clock, Timer } from '../clock.js'
import type { Log } from '../log.js'
import type { NodeId } from '../raft/types.js'
import { CLUSTER_VERSION } from './cluster-version.js'
import type { Command } from './command.js'
import type { ReplicatedMembership } from './replicated-membership.js'

export interface PublisherOptions {
  readonly selfId: NodeId
  readonly name: string
  readonly clientUrls: readonly string[]
  readonly clock: Clock
  readonly log: Log
  readonly membership: ReplicatedMembership
  readonly isLeader: () => boolean
  readonly propose: (command: Command, signal: AbortSignal) => Promise<unknown>
}

const RETRY_MS = 500
/** Longest wait for one proposal: the way to the leader may just be opening, and lose it. */
const PATIENCE_MS = 1000

/**
 * Tells the cluster this member's name and client URLs until it knows them; as leader also the
 * version that is spoken, once.
 */
export class Publisher {
  readonly #options: PublisherOptions
  #timer: Timer | undefined
  #isPublishing = false
  #isSettingVersion = false
  #isClosed = false

  constructor(options: PublisherOptions) {
    this.#options = options
  }

  /** Whether the cluster knows it as it is. */
  get isPublished(): boolean {
    const { membership, selfId, name, clientUrls } = this.#options
    const self = membership.current.get(selfId)
    return self?.name === name && self.clientUrls.join() === clientUrls.join()
  }

  /** Something has changed: there is a leader, or this member is in the log. */
  update(): void {
    if (this.#isClosed) return
    this.#publish()
    this.#setVersion()
  }

  close(): void {
    this.#isClosed = true
    this.#timer?.cancel()
  }

  #publish(): void {
    const { membership, selfId, name, clientUrls } = this.#options
    const self = membership.current.get(selfId)
    if (this.#isPublishing || this.isPublished || self === undefined) return
    this.#isPublishing = true
    const memberAttributes = { name, clientUrls }
    this.#propose({ clusterMemberAttrSet: { memberId: selfId, memberAttributes } })
      .catch((error: unknown) => this.#retry('publish this member', error))
      .finally(() => {
        this.#isPublishing = false
      })
  }

  #setVersion(): void {
    const { membership, isLeader } = this.#options
    if (this.#isSettingVersion || !isLeader()) return
    if (membership.current.clusterVersion !== undefined) return
    this.#isSettingVersion = true
    this.#propose({ clusterVersionSet: { ver: CLUSTER_VERSION } })
      .catch((error: unknown) => this.#retry('set the cluster version', error))
      .finally(() => {
        this.#isSettingVersion = false
      })
  }

  async #propose(command: Command): Promise<void> {
    const { clock, propose } = this.#options
    const patience = new AbortController()
    const timer = clock.setTimer(PATIENCE_MS, () => patience.abort())
    try {
      await propose(command, patience.signal)
    } finally {
      timer.cancel()
    }
  }

  #retry(what: string, error: unknown): void {
    const { clock, log } = this.#options
    if (this.#isClosed) return
    log.warn(`failed to ${what}; trying again`, { error: String(error) })
    this.#timer?.cancel()
    this.#timer = clock.setTimer(RETRY_MS, () => this.update())
  }
}
