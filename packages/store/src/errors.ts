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
  | { readonly code: 'EmptyKey' }
  | { readonly code: 'KeyNotFound' }
  | { readonly code: 'ValueProvided' }
  | { readonly code: 'LeaseProvided' }
  | { readonly code: 'DuplicateKey' }
  | { readonly code: 'TooManyOps' }
  | { readonly code: 'RequestTooLarge' }
  | { readonly code: 'NoSpace' }
  | { readonly code: 'LeaseNotFound' }
  | { readonly code: 'LeaseExists' }
  | { readonly code: 'LeaseTtlTooLarge' }
  | { readonly code: 'InvalidArgument'; readonly problem: string }
  | { readonly code: 'Closed' }

export type StoreErrorCode = StoreErrorDetail['code']

/** etcd's own words: its clients match on them. Source: etcd, rpctypes. */
export const etcdText: Readonly<Record<Exclude<StoreErrorCode, 'InvalidArgument'>, string>> = {
  Compacted: 'etcdserver: mvcc: required revision has been compacted',
  FutureRevision: 'etcdserver: mvcc: required revision is a future revision',
  EmptyKey: 'etcdserver: key is not provided',
  KeyNotFound: 'etcdserver: key not found',
  ValueProvided: 'etcdserver: value is provided',
  LeaseProvided: 'etcdserver: lease is provided',
  DuplicateKey: 'etcdserver: duplicate key given in txn request',
  TooManyOps: 'etcdserver: too many operations in txn request',
  RequestTooLarge: 'etcdserver: request is too large',
  NoSpace: 'etcdserver: mvcc: database space exceeded',
  LeaseNotFound: 'etcdserver: requested lease not found',
  LeaseExists: 'etcdserver: lease already exists',
  LeaseTtlTooLarge: 'etcdserver: too large lease TTL',
  Closed: 'etcdserver: server stopped',
}

/**
 * A refusal by the store. Branch on `code`; narrow with `error.detail.code` to read what it
 * carries. The text is etcd's.
 */
export class StoreError extends Error {
  override readonly name = 'StoreError'
  readonly detail: StoreErrorDetail

  constructor(detail: StoreErrorDetail) {
    super(
      detail.code === 'InvalidArgument' ? `etcdserver: ${detail.problem}` : etcdText[detail.code],
    )
    this.detail = detail
  }

  get code(): StoreErrorCode {
    return this.detail.code
  }
}
