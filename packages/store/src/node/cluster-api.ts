import type { Header } from '../client/store-client.js'
import type { Clock } from '../clock.js'
import { StoreError } from '../errors.js'
import { encodeConfChange } from '../membership/conf-change.js'
import { checkMemberUrls, type MemberChange, newMember } from '../membership/membership.js'
import {
  checkMemberAdd,
  checkMemberPromote,
  checkMemberRemove,
  type ReconfigurationView,
} from '../membership/reconfiguration.js'
import type { PeerTransport } from '../peer/transport.js'
import type { NodeId, RaftStatus } from '../raft/types.js'
import type { Caller, ClusterApi, MembersAnswer } from '../rpc/etcd-server.js'
import type { Member } from '../wire/cluster.js'
import { MemberPromoteRequest } from '../wire/cluster.js'
import type { ConfChanges } from './conf-changes.js'
import type { ReplicatedMembership } from './replicated-membership.js'

export const PROMOTE_PATH = 'members/promote'

export interface ClusterApiOptions {
  readonly selfId: NodeId
  readonly clock: Clock
  readonly membership: ReplicatedMembership
  readonly confChanges: ConfChanges
  readonly transport: PeerTransport
  readonly nextId: () => bigint
  readonly isStrict: boolean
  readonly raft: () => RaftStatus
  readonly header: () => Header
  /** Resolves when a read may be made; rejects when there is no quorum. */
  readonly confirm: () => Promise<void>
  /** Throws what the caller may not do: only root changes the membership. */
  readonly assertAdmin: (caller: Caller) => void
}

/** Changes of membership, each checked before it is proposed. */
export class MemberCluster implements ClusterApi {
  readonly #options: ClusterApiOptions

  constructor(options: ClusterApiOptions) {
    this.#options = options
  }

  async memberAdd(
    peerUrls: readonly string[],
    isLearner: boolean,
    caller: Caller,
  ): Promise<MembersAnswer & { readonly member: Member }> {
    this.#options.assertAdmin(caller)
    const seconds = Math.floor(this.#options.clock.now() / 1000)
    const member = newMember(peerUrls, isLearner, seconds)
    checkMemberAdd(this.#view(), member)
    return { member, ...(await this.#change({ kind: 'add', member })) }
  }

  async memberRemove(id: bigint, caller: Caller): Promise<MembersAnswer> {
    this.#options.assertAdmin(caller)
    checkMemberRemove(this.#view(), id)
    return this.#change({ kind: 'remove', id })
  }

  async memberUpdate(
    id: bigint,
    peerUrls: readonly string[],
    caller: Caller,
  ): Promise<MembersAnswer> {
    this.#options.assertAdmin(caller)
    const change: MemberChange = { kind: 'update', id, peerUrls: checkMemberUrls(peerUrls) }
    this.#options.membership.current.validate(change)
    return this.#change(change)
  }

  async memberPromote(id: bigint, caller: Caller): Promise<MembersAnswer> {
    this.#options.assertAdmin(caller)
    const { raft, transport, selfId } = this.#options
    const { leader } = raft()
    if (leader === selfId) return this.promoteAsLeader(id)
    if (leader === 0n) throw new StoreError({ code: 'NoLeader' })
    const signal = caller.signal ?? new AbortController().signal
    await transport.call(leader, PROMOTE_PATH, MemberPromoteRequest.encode({ id }), signal)
    return this.#answer()
  }

  /** Only the leader knows whether the learner is ready. */
  promoteAsLeader(id: bigint): Promise<MembersAnswer> {
    checkMemberPromote(this.#view(), id, this.#options.raft())
    return this.#change({ kind: 'promote', id })
  }

  async memberList(isLinearizable: boolean): Promise<MembersAnswer> {
    if (isLinearizable) await this.#options.confirm()
    return this.#answer()
  }

  async #change(change: MemberChange): Promise<MembersAnswer> {
    const { confChanges, nextId } = this.#options
    const id = nextId()
    const { type, data } = encodeConfChange(id, [change])
    await confChanges.propose(id, type, data)
    return this.#answer()
  }

  #answer(): MembersAnswer {
    const { header, membership } = this.#options
    return { header: header(), members: membership.current.members }
  }

  #view(): ReconfigurationView {
    const { selfId, clock, membership, isStrict, transport } = this.#options
    return {
      membership: membership.current,
      selfId,
      isStrict,
      nowMs: clock.now(),
      activeSince: (id) => transport.activeSince(id),
    }
  }
}
