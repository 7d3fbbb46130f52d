/** What the store may refuse, and what each refusal carries. */
export type StoreErrorDetail =
  | {
      readonly code: 'Compacted'
      readonly requestedRevision: number
      readonly compactRevision: number
    }
  | {
      readonly code: 'FutureRevision'
      readonly requestedRevision: number
      readonly currentRevision: number
    }
  | { readonly code: 'InvalidArgument'; readonly problem: string }
  | { readonly code: TransportCode; readonly problem: string }
  | { readonly code: PlainErrorCode }

/**
 * A store behind a network that could not be asked. Whether a write of which nothing else is known
 * was done, nobody can tell.
 */
export type TransportCode = 'Unavailable' | 'DeadlineExceeded' | 'Unknown'

export type StoreErrorCode = StoreErrorDetail['code']

/**
 * gRPC's codes, as words: what a client's retries go by. `rpc/` has the numbers.
 * Source: gRPC, status codes.
 */
export type GrpcCode =
  | 'InvalidArgument'
  | 'DeadlineExceeded'
  | 'NotFound'
  | 'AlreadyExists'
  | 'PermissionDenied'
  | 'ResourceExhausted'
  | 'FailedPrecondition'
  | 'OutOfRange'
  | 'Unimplemented'
  | 'Internal'
  | 'Unavailable'
  | 'DataLoss'
  | 'Unauthenticated'
  | 'Canceled'
  | 'Unknown'

/** etcd's own words: its clients match on them. Source: etcd, rpctypes. */
const etcdErrors = {
  Compacted: ['OutOfRange', 'etcdserver: mvcc: required revision has been compacted'],
  FutureRevision: ['OutOfRange', 'etcdserver: mvcc: required revision is a future revision'],
  EmptyKey: ['InvalidArgument', 'etcdserver: key is not provided'],
  KeyNotFound: ['InvalidArgument', 'etcdserver: key not found'],
  ValueProvided: ['InvalidArgument', 'etcdserver: value is provided'],
  LeaseProvided: ['InvalidArgument', 'etcdserver: lease is provided'],
  DuplicateKey: ['InvalidArgument', 'etcdserver: duplicate key given in txn request'],
  TooManyOps: ['InvalidArgument', 'etcdserver: too many operations in txn request'],
  InvalidSortOption: ['InvalidArgument', 'etcdserver: invalid sort option'],
  RequestTooLarge: ['InvalidArgument', 'etcdserver: request is too large'],
  TooManyRequests: ['ResourceExhausted', 'etcdserver: too many requests'],
  NoSpace: ['ResourceExhausted', 'etcdserver: mvcc: database space exceeded'],
  LeaseNotFound: ['NotFound', 'etcdserver: requested lease not found'],
  LeaseExists: ['FailedPrecondition', 'etcdserver: lease already exists'],
  LeaseTtlTooLarge: ['OutOfRange', 'etcdserver: too large lease TTL'],

  MemberExists: ['FailedPrecondition', 'etcdserver: member ID already exist'],
  PeerUrlExists: ['FailedPrecondition', 'etcdserver: Peer URLs already exists'],
  MemberNotEnoughStarted: [
    'FailedPrecondition',
    'etcdserver: re-configuration failed due to not enough started members',
  ],
  MemberBadUrls: ['InvalidArgument', 'etcdserver: given member URLs are invalid'],
  MemberNotFound: ['NotFound', 'etcdserver: member not found'],
  MemberNotLearner: ['FailedPrecondition', 'etcdserver: can only promote a learner member'],
  LearnerNotReady: [
    'FailedPrecondition',
    'etcdserver: can only promote a learner member which is in sync with leader',
  ],
  TooManyLearners: ['FailedPrecondition', 'etcdserver: too many learner members in cluster'],

  RootUserNotExist: ['FailedPrecondition', 'etcdserver: root user does not exist'],
  RootRoleNotExist: ['FailedPrecondition', 'etcdserver: root user does not have root role'],
  UserAlreadyExists: ['FailedPrecondition', 'etcdserver: user name already exists'],
  UserEmpty: ['InvalidArgument', 'etcdserver: user name is empty'],
  UserNotFound: ['FailedPrecondition', 'etcdserver: user name not found'],
  RoleAlreadyExists: ['FailedPrecondition', 'etcdserver: role name already exists'],
  RoleNotFound: ['FailedPrecondition', 'etcdserver: role name not found'],
  RoleEmpty: ['InvalidArgument', 'etcdserver: role name is empty'],
  AuthFailed: ['InvalidArgument', 'etcdserver: authentication failed, invalid user ID or password'],
  NoPasswordUser: [
    'Unknown',
    'auth: authentication failed, password was given for no password user',
  ],
  PermissionNotGiven: ['InvalidArgument', 'etcdserver: permission not given'],
  PermissionDenied: ['PermissionDenied', 'etcdserver: permission denied'],
  RoleNotGranted: ['FailedPrecondition', 'etcdserver: role is not granted to the user'],
  PermissionNotGranted: ['FailedPrecondition', 'etcdserver: permission is not granted to the role'],
  AuthNotEnabled: ['FailedPrecondition', 'etcdserver: authentication is not enabled'],
  InvalidAuthToken: ['Unauthenticated', 'etcdserver: invalid auth token'],
  InvalidAuthManagement: ['InvalidArgument', 'etcdserver: invalid auth management'],
  TokenVerifyOnly: ['Unknown', 'token signing attempted with verify-only key'],
  AuthOldRevision: ['InvalidArgument', 'etcdserver: revision of auth store is old'],

  NoLeader: ['Unavailable', 'etcdserver: no leader'],
  NotLeader: ['FailedPrecondition', 'etcdserver: not leader'],
  LeaderChanged: ['Unavailable', 'etcdserver: leader changed'],
  NotCapable: ['FailedPrecondition', 'etcdserver: not capable'],
  Closed: ['Unavailable', 'etcdserver: server stopped'],
  Timeout: ['Unavailable', 'etcdserver: request timed out'],
  TimeoutDueToLeaderFail: [
    'Unavailable',
    'etcdserver: request timed out, possibly due to previous leader failure',
  ],
  TimeoutDueToConnectionLost: [
    'Unavailable',
    'etcdserver: request timed out, possibly due to connection lost',
  ],
  Unhealthy: ['Unavailable', 'etcdserver: unhealthy cluster'],
  Corrupt: ['DataLoss', 'etcdserver: corrupt cluster'],
  NotSupportedForLearner: ['Unavailable', 'etcdserver: rpc not supported for learner'],
  TimeoutLeaderTransfer: [
    'Unavailable',
    'etcdserver: request timed out, leader transfer took too long',
  ],
  BadLeaderTransferee: ['FailedPrecondition', 'etcdserver: bad leader transferee'],
  Canceled: ['Canceled', 'etcdserver: request cancelled'],

  WrongDowngradeVersionFormat: [
    'InvalidArgument',
    'etcdserver: wrong downgrade target version format',
  ],
  InvalidDowngradeTargetVersion: [
    'InvalidArgument',
    'etcdserver: invalid downgrade target version',
  ],
  DowngradeInProcess: ['FailedPrecondition', 'etcdserver: cluster has a downgrade job in progress'],
  NoInflightDowngrade: ['FailedPrecondition', 'etcdserver: no inflight downgrade job'],
} as const satisfies Readonly<Record<string, readonly [GrpcCode, string]>>

/** Those that carry nothing else. */
export type PlainErrorCode = Exclude<keyof typeof etcdErrors, 'Compacted' | 'FutureRevision'>

export type EtcdErrorCode = keyof typeof etcdErrors

/** etcd's text of each. */
export const etcdText = Object.fromEntries(
  Object.entries(etcdErrors).map(([code, [, text]]) => [code, text]),
) as Readonly<Record<EtcdErrorCode, string>>

/** The gRPC code with which each travels. */
export const grpcCodeOf = (code: StoreErrorCode): GrpcCode =>
  isEtcdError(code) ? etcdErrors[code][0] : code

const isEtcdError = (code: StoreErrorCode): code is EtcdErrorCode => code in etcdErrors

function textOf(detail: StoreErrorDetail): string {
  if (detail.code === 'InvalidArgument') return `etcdserver: ${detail.problem}`
  return 'problem' in detail ? detail.problem : etcdText[detail.code]
}

/**
 * A refusal by the store. Branch on `code`; narrow with `error.detail.code` to read what it
 * carries. The text is etcd's.
 */
export class StoreError extends Error {
  override readonly name = 'StoreError'
  readonly detail: StoreErrorDetail

  constructor(detail: StoreErrorDetail, options?: ErrorOptions) {
    super(textOf(detail), options)
    this.detail = detail
  }

  get code(): StoreErrorCode {
    return this.detail.code
  }
}
