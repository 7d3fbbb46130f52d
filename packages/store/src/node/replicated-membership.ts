import { StoreError } from '../errors.js'
import type { Log } from '../log.js'
import { type DecodedConfChange, decodeConfChange } from '../membership/conf-change.js'
import { formatId } from '../membership/ids.js'
import { type MemberChange, Membership } from '../membership/membership.js'
import type { PeerTransport } from '../peer/transport.js'
import type { Entry, NodeId } from '../raft/types.js'
import type { Member } from '../wire/cluster.js'
import type { Command } from './command.js'
import type { ClusterState, ConfChangeOutcome } from './entry-applier.js'

export interface ReplicatedMembershipOptions {
  readonly selfId: NodeId
  readonly transport: () => PeerTransport
  readonly log: Log
  /** This member was removed. */
  readonly onRemoved: () => void
}

/** The membership as the log changes it; the transport follows it. */
export class ReplicatedMembership implements ClusterState {
  readonly #options: ReplicatedMembershipOptions
  #membership = new Membership()
  /** To whom there is a way. */
  readonly #peers = new Map<NodeId, string>()

  constructor(options: ReplicatedMembershipOptions) {
    this.#options = options
  }

  get current(): Membership {
    return this.#membership
  }

  /** Replaces everything, as a snapshot demands. */
  restore(membership: Membership): void {
    this.#membership = membership
    this.followMembers()
  }

  /**
   * How to reach those who are known from others before the log has told of them. The log's word
   * replaces it.
   */
  reach(members: readonly Member[]): void {
    for (const member of members) this.#addPeer(member)
  }

  /** Opens and closes ways to peers until they are the members'. */
  followMembers(): void {
    const { members } = this.#membership
    for (const member of members) this.#addPeer(member)
    for (const id of [...this.#peers.keys()]) {
      if (this.#membership.get(id) === undefined) this.#removePeer(id)
    }
  }

  apply(command: Command): unknown {
    const { clusterMemberAttrSet, clusterVersionSet, downgradeInfoSet } = command
    if (clusterMemberAttrSet !== undefined) {
      const { memberId, memberAttributes } = clusterMemberAttrSet
      const { name = '', clientUrls = [] } = memberAttributes ?? {}
      if (memberId !== undefined) this.#membership.setAttributes(memberId, name, clientUrls)
      return {}
    }
    if (clusterVersionSet?.ver !== undefined) {
      this.#membership.setClusterVersion(clusterVersionSet.ver)
      return {}
    }
    if (downgradeInfoSet !== undefined) {
      const { enabled = false, ver: targetVersion = '' } = downgradeInfoSet
      this.#membership.setDowngrade({ enabled, targetVersion })
      return {}
    }
    return undefined
  }

  applyConfChange(entry: Entry): ConfChangeOutcome {
    const decoded = this.#decode(entry)
    if (decoded === undefined) return { id: 0n, change: undefined, error: undefined }
    const { requestId: id, change, memberChanges } = decoded
    try {
      this.#membership.apply(memberChanges)
    } catch (error) {
      if (!(error instanceof StoreError)) throw error
      return { id, change: undefined, error }
    }
    for (const memberChange of memberChanges) this.#follow(memberChange)
    return { id, change, error: undefined }
  }

  /** As with requests: what is no change of membership is none for every member. */
  #decode(entry: Entry): DecodedConfChange | undefined {
    try {
      return decodeConfChange(entry)
    } catch (error) {
      const { index } = entry
      const fields = { index, error: String(error) }
      this.#options.log.error('skipped an entry that is no change of membership', fields)
      return undefined
    }
  }

  #follow(change: MemberChange): void {
    const { log, selfId, onRemoved } = this.#options
    const id = change.kind === 'add' ? change.member.id : change.id
    log.info(`applied a configuration change: ${change.kind}`, { 'member-id': formatId(id) })
    if (change.kind !== 'remove') {
      const member = this.#membership.get(id)
      if (member !== undefined) this.#addPeer(member)
    } else if (id === selfId) {
      onRemoved()
    } else {
      this.#removePeer(id)
    }
  }

  #addPeer({ id, peerUrls }: Member): void {
    const { selfId, transport } = this.#options
    if (id === selfId) return
    const urls = peerUrls.join()
    const known = this.#peers.get(id)
    if (known === urls) return
    this.#peers.set(id, urls)
    if (known === undefined) transport().addPeer(id, peerUrls)
    else transport().updatePeer(id, peerUrls)
  }

  #removePeer(id: NodeId): void {
    if (this.#peers.delete(id)) this.#options.transport().removePeer(id)
  }
}
