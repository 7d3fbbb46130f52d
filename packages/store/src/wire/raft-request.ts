import * as auth from './auth.js'
import {
  CompactionRequest,
  DeleteRangeRequest,
  PutRequest,
  RangeRequest,
  TxnRequest,
} from './kv.js'
import { LeaseCheckpointRequest, LeaseGrantRequest, LeaseRevokeRequest } from './lease.js'
import { AlarmRequest } from './maintenance.js'
import { type Decoded, field, message, optional, repeated } from './message.js'
import { bool, integer, string, uint64 } from './scalars.js'

/** What a log entry holds. Source: etcd, etcdserverpb/raft_internal.proto, membership.proto. */

export const RequestHeader = message('etcdserverpb.RequestHeader', {
  /** Chosen by the member that proposes, so that it knows its own when it is applied. */
  id: field(1, uint64, { name: 'ID' }),
  /** Who asks; empty without authentication. */
  username: field(2, string),
  /** The permissions' revision when the request was admitted: it must still be it when applied. */
  authRevision: field(3, integer),
})
export type RequestHeader = Decoded<typeof RequestHeader>

export const InternalAuthenticateRequest = message('etcdserverpb.InternalAuthenticateRequest', {
  name: field(1, string),
  password: field(2, string),
  simpleToken: field(3, string),
})

export const ClusterVersionSetRequest = message('membershippb.ClusterVersionSetRequest', {
  ver: field(1, string),
})

export const MemberAttributes = message('membershippb.Attributes', {
  name: field(1, string),
  clientUrls: repeated(2, string),
})

export const ClusterMemberAttrSetRequest = message('membershippb.ClusterMemberAttrSetRequest', {
  memberId: field(1, uint64, { name: 'member_ID' }),
  memberAttributes: optional(2, MemberAttributes),
})

export const DowngradeInfoSetRequest = message('membershippb.DowngradeInfoSetRequest', {
  enabled: field(1, bool),
  ver: field(2, string),
})

/** The `header` and exactly one request. */
export const InternalRaftRequest = message('etcdserverpb.InternalRaftRequest', {
  header: optional(100, RequestHeader),
  range: optional(3, RangeRequest),
  put: optional(4, PutRequest),
  deleteRange: optional(5, DeleteRangeRequest),
  txn: optional(6, TxnRequest),
  compaction: optional(7, CompactionRequest),
  leaseGrant: optional(8, LeaseGrantRequest),
  leaseRevoke: optional(9, LeaseRevokeRequest),
  alarm: optional(10, AlarmRequest),
  leaseCheckpoint: optional(11, LeaseCheckpointRequest),
  authEnable: optional(1000, auth.AuthEnableRequest),
  authDisable: optional(1011, auth.AuthDisableRequest),
  authenticate: optional(1012, InternalAuthenticateRequest),
  authUserAdd: optional(1100, auth.AuthUserAddRequest),
  authUserDelete: optional(1101, auth.AuthUserDeleteRequest),
  authUserChangePassword: optional(1103, auth.AuthUserChangePasswordRequest),
  authUserGrantRole: optional(1104, auth.AuthUserGrantRoleRequest),
  authUserRevokeRole: optional(1105, auth.AuthUserRevokeRoleRequest),
  authRoleAdd: optional(1200, auth.AuthRoleAddRequest),
  authRoleDelete: optional(1201, auth.AuthRoleDeleteRequest),
  authRoleGrantPermission: optional(1203, auth.AuthRoleGrantPermissionRequest),
  authRoleRevokePermission: optional(1204, auth.AuthRoleRevokePermissionRequest),
  clusterVersionSet: optional(1300, ClusterVersionSetRequest),
  clusterMemberAttrSet: optional(1301, ClusterMemberAttrSetRequest),
  downgradeInfoSet: optional(1302, DowngradeInfoSetRequest),
})
export type InternalRaftRequest = Decoded<typeof InternalRaftRequest>
