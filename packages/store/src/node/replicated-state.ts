import type { AuthStore } from '../auth/auth-store.js'
import type { LoadedState, StateView } from '../backend/state.js'
import { Membership } from '../membership/membership.js'
import type { ConfState, NodeId } from '../raft/types.js'
import type { Applied } from './entry-applier.js'
import type { ReplicatedMembership } from './replicated-membership.js'
import type { StateMachine } from './state-machine.js'

/** All that the log decides, the same on every member: keys and leases, users, members. */
export class ReplicatedState {
  readonly machine: StateMachine
  readonly auth: AuthStore
  readonly membership: ReplicatedMembership
  confState: ConfState

  constructor(
    machine: StateMachine,
    auth: AuthStore,
    membership: ReplicatedMembership,
    confState: ConfState,
  ) {
    this.machine = machine
    this.auth = auth
    this.membership = membership
    this.confState = confState
  }

  isOnlyVoter(id: NodeId): boolean {
    const { voters, votersOutgoing } = this.confState
    return voters.length === 1 && voters[0] === id && votersOutgoing.length === 0
  }

  isOnlyMember(id: NodeId): boolean {
    return this.isOnlyVoter(id) && this.confState.learners.length === 0
  }

  /** As of now, and for good: whatever is applied later does not change it. */
  view(applied: Applied): StateView {
    const { members, removedIds, clusterVersion, downgrade } = this.membership.current
    return {
      ...this.machine.view(),
      auth: this.auth.state(),
      members,
      removedMemberIds: removedIds,
      clusterVersion,
      downgrade,
      appliedIndex: applied.index,
      appliedTerm: applied.term,
      confState: this.confState,
    }
  }

  restore(loaded: LoadedState): void {
    this.machine.restore(loaded)
    this.auth.restore(loaded.auth)
    this.membership.restore(membershipOf(loaded))
    if (loaded.confState !== undefined) this.confState = loaded.confState
  }
}

/** Who belongs to the cluster, by a state that was read. */
export const membershipOf = (loaded: LoadedState): Membership =>
  Membership.of(loaded.members, {
    removedIds: loaded.removedMemberIds,
    clusterVersion: loaded.clusterVersion,
    downgrade: loaded.downgrade,
  })
