import type { LeaseState } from '../lease/lessor.js'
import type { Mvcc } from '../mvcc/mvcc.js'
import type { ConfState } from '../raft/types.js'
import type { Role, User } from '../wire/auth.js'
import type { Member } from '../wire/cluster.js'
import type { AlarmMember, DowngradeInfo } from '../wire/maintenance.js'
import type { Decoded } from '../wire/message.js'

export interface AuthState {
  readonly isEnabled: boolean
  /** 0: auth was never touched. */
  readonly revision: number
  /** In order of name, as they lie in the store. */
  readonly users: readonly User[]
  readonly roles: readonly Role[]
}

/**
 * All that a member knows after it has applied `appliedIndex`, frozen: `mvcc` is a clone that
 * nobody writes to as long as the view is read.
 */
export interface StateView {
  readonly mvcc: Mvcc
  readonly leases: readonly LeaseState[]
  readonly alarms: readonly AlarmMember[]
  readonly auth: AuthState
  readonly members: readonly Member[]
  /** Never to be used again. */
  readonly removedMemberIds: readonly bigint[]
  /** `3.6.0`; undefined until the cluster has agreed on one. */
  readonly clusterVersion: string | undefined
  readonly downgrade: Decoded<typeof DowngradeInfo> | undefined
  readonly appliedIndex: number
  readonly appliedTerm: number
  /** Undefined in databases of etcd before 3.5, which keeps it beside the database. */
  readonly confState: ConfState | undefined
}

/** A state that was read from a database; it belongs to whoever read it. */
export type LoadedState = StateView
