import type { KeyRange } from '../client/key-range.js'
import type { LeaseId, TxnRequest } from '../client/store-client.js'
import type { AuthApi, Caller } from '../rpc/etcd-server.js'
import type { Author } from './command.js'
import type { CommandGuard } from './entry-applier.js'

/** Who may do what, as a member asks before it reads, and again when it applies what was proposed. */
export interface Access extends CommandGuard {
  /** Who the caller is, by its token or its certificate. Throws `InvalidAuthToken`, `UserEmpty`. */
  authorOf(caller: Caller): Author
  /** Throws what the author may not do; also when the permissions changed since `author` was made. */
  checkRead(author: Author, range: KeyRange): void
  checkTxnRead(author: Author, txn: TxnRequest): void
  checkLeaseKeys(author: Author, lease: LeaseId): void
  checkAdmin(author: Author): void
}

/** What the network service needs besides: users and roles are changed through the log. */
export interface MemberAuth extends Access {
  readonly api: AuthApi
}
