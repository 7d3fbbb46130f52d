import type { KeyRange } from '../client/key-range.js'
import type {
  CompactOptions,
  CompactResponse,
  DeleteRangeRequest,
  DeleteRangeResponse,
  Header,
  LeaseGrantRequest,
  LeaseGrantResponse,
  LeaseId,
  LeaseKeepAliveResponse,
  LeaseLeasesResponse,
  LeaseRevokeResponse,
  LeaseTimeToLiveOptions,
  LeaseTimeToLiveResponse,
  PutRequest,
  PutResponse,
  RangeRequest,
  RangeResponse,
  TxnRequest,
  TxnResponse,
  WatchObserver,
  WatchOptions,
  WatchSubscription,
} from '../client/store-client.js'
import type { Permission } from '../wire/auth.js'
import type { Member } from '../wire/cluster.js'
import type { AlarmMember, AlarmRequest } from '../wire/maintenance.js'

/** What of an `AbortSignal` a request needs that waits; each one is one. */
export interface GoneSignal {
  readonly aborted: boolean
  addEventListener(type: 'abort', listener: () => void, options?: { readonly once: true }): void
  removeEventListener(type: 'abort', listener: () => void): void
}

/** Who asks, as the transport knows it, and until when the answer is wanted. */
export interface Caller {
  /** From `Authenticate`, in the metadata `token`. */
  readonly token?: string | undefined
  /** The common name of the verified client certificate. */
  readonly commonName?: string | undefined
  /** Aborted when the caller has gone or its deadline has passed. */
  readonly signal?: AbortSignal | undefined
  /** The same, from transports that make a `signal` only when it is asked for: it costs a lot. */
  readonly gone?: GoneSignal | undefined
}

/** What every header says besides the revision. */
export interface Identity {
  readonly clusterId: bigint
  readonly memberId: bigint
  readonly raftTerm: number
}

export interface ServerStatus {
  readonly version: string
  readonly dbSize: number
  readonly dbSizeInUse: number
  readonly dbSizeQuota: number
  /** 0n: there is none. */
  readonly leader: bigint
  readonly raftIndex: number
  readonly raftTerm: number
  readonly raftAppliedIndex: number
  readonly isLearner: boolean
  /** Whether the cluster is on its way back to an older version, and to which. */
  readonly downgradeInfo: { readonly enabled: boolean; readonly targetVersion: string }
  /** Alarms and the lack of a leader, in etcd's words. */
  readonly errors: readonly string[]
}

export interface HashKvAnswer {
  readonly header: Header
  readonly hash: number
  readonly compactRevision: number
  readonly hashRevision: number
}

/** A database file in etcd's format, followed by its SHA-256. */
export interface SnapshotStream {
  readonly sizeBytes: number
  readonly chunks: AsyncIterable<Uint8Array>
}

/**
 * A member of a cluster as its network services see it: `rpc/` says nothing about how it comes to
 * its answers, and it nothing about how they travel. Every method rejects with a `StoreError`.
 */
export interface EtcdServer {
  identity(): Identity
  /** The store's revision on this member, now. */
  header(): Header

  /** Linearizable unless `serializable`. */
  range(request: RangeRequest, caller: Caller): Promise<RangeResponse>
  put(request: PutRequest, caller: Caller): Promise<PutResponse>
  deleteRange(request: DeleteRangeRequest, caller: Caller): Promise<DeleteRangeResponse>
  txn(request: TxnRequest, caller: Caller): Promise<TxnResponse>
  compact(revision: number, options: CompactOptions, caller: Caller): Promise<CompactResponse>

  leaseGrant(request: LeaseGrantRequest, caller: Caller): Promise<LeaseGrantResponse>
  leaseRevoke(id: LeaseId, caller: Caller): Promise<LeaseRevokeResponse>
  leaseKeepAlive(id: LeaseId, caller: Caller): Promise<LeaseKeepAliveResponse>
  leaseTimeToLive(
    id: LeaseId,
    options: LeaseTimeToLiveOptions,
    caller: Caller,
  ): Promise<LeaseTimeToLiveResponse>
  leaseLeases(caller: Caller): Promise<LeaseLeasesResponse>

  /** As `StoreClient.subscribe`. Throws `PermissionDenied`, or `InvalidAuthToken`. */
  subscribe(
    range: KeyRange,
    observer: WatchObserver,
    options: WatchOptions,
    caller: Caller,
  ): WatchSubscription

  readonly cluster: ClusterApi
  readonly maintenance: MaintenanceApi
  readonly auth: AuthApi
}

/** The members after the change. */
export interface MembersAnswer {
  readonly header: Header
  readonly members: readonly Member[]
}

export interface ClusterApi {
  memberAdd(
    peerUrls: readonly string[],
    isLearner: boolean,
    caller: Caller,
  ): Promise<MembersAnswer & { readonly member: Member }>
  memberRemove(id: bigint, caller: Caller): Promise<MembersAnswer>
  memberUpdate(id: bigint, peerUrls: readonly string[], caller: Caller): Promise<MembersAnswer>
  memberPromote(id: bigint, caller: Caller): Promise<MembersAnswer>
  memberList(isLinearizable: boolean, caller: Caller): Promise<MembersAnswer>
}

export interface MaintenanceApi {
  alarm(
    request: AlarmRequest,
    caller: Caller,
  ): Promise<{ readonly header: Header; readonly alarms: readonly AlarmMember[] }>
  status(caller: Caller): Promise<ServerStatus>
  defragment(caller: Caller): Promise<void>
  hash(caller: Caller): Promise<{ readonly header: Header; readonly hash: number }>
  hashKv(revision: number, caller: Caller): Promise<HashKvAnswer>
  snapshot(caller: Caller): Promise<SnapshotStream>
  moveLeader(target: bigint, caller: Caller): Promise<void>
  downgrade(
    action: 'validate' | 'enable' | 'cancel',
    version: string,
    caller: Caller,
  ): Promise<{ readonly header: Header; readonly version: string }>
}

export interface AuthApi {
  enable(caller: Caller): Promise<Header>
  disable(caller: Caller): Promise<Header>
  status(caller: Caller): Promise<{
    readonly header: Header
    readonly isEnabled: boolean
    readonly authRevision: number
  }>
  /** Answers a token. */
  authenticate(
    name: string,
    password: string,
    caller: Caller,
  ): Promise<{ readonly header: Header; readonly token: string }>
  userAdd(
    user: {
      readonly name: string
      readonly password: string
      readonly hashedPassword: string
      readonly noPassword: boolean
    },
    caller: Caller,
  ): Promise<Header>
  userGet(
    name: string,
    caller: Caller,
  ): Promise<{ readonly header: Header; readonly roles: readonly string[] }>
  userList(caller: Caller): Promise<{ readonly header: Header; readonly users: readonly string[] }>
  userDelete(name: string, caller: Caller): Promise<Header>
  userChangePassword(
    name: string,
    password: { readonly password: string; readonly hashedPassword: string },
    caller: Caller,
  ): Promise<Header>
  userGrantRole(name: string, role: string, caller: Caller): Promise<Header>
  userRevokeRole(name: string, role: string, caller: Caller): Promise<Header>
  roleAdd(name: string, caller: Caller): Promise<Header>
  roleGet(
    name: string,
    caller: Caller,
  ): Promise<{ readonly header: Header; readonly permissions: readonly Permission[] }>
  roleList(caller: Caller): Promise<{ readonly header: Header; readonly roles: readonly string[] }>
  roleDelete(name: string, caller: Caller): Promise<Header>
  roleGrantPermission(
    name: string,
    permission: Permission | undefined,
    caller: Caller,
  ): Promise<Header>
  roleRevokePermission(name: string, range: KeyRange, caller: Caller): Promise<Header>
}
