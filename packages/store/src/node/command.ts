import type { DeleteRangeRequest, PutRequest, TxnRequest } from '../client/store-client.js'
import type { CompactionRequest } from '../wire/kv.js'
import type {
  LeaseCheckpointRequest,
  LeaseGrantRequest,
  LeaseRevokeRequest,
} from '../wire/lease.js'
import type { AlarmRequest } from '../wire/maintenance.js'
import { InternalRaftRequest } from '../wire/raft-request.js'
import { txnFromWire, txnToWire } from '../wire/txn.js'

type RaftRequest = Parameters<typeof InternalRaftRequest.encode>[0]

/** What is about keys and leases, as the state machine takes it. */
interface StoreCommand {
  readonly put?: PutRequest | undefined
  readonly deleteRange?: DeleteRangeRequest | undefined
  readonly txn?: TxnRequest | undefined
  readonly compaction?: CompactionRequest | undefined
  readonly leaseGrant?: LeaseGrantRequest | undefined
  readonly leaseRevoke?: LeaseRevokeRequest | undefined
  readonly leaseCheckpoint?: LeaseCheckpointRequest | undefined
  readonly alarm?: AlarmRequest | undefined
}

/**
 * What a log entry tells every member to do: exactly one request. They are those of the wire, but
 * for a transaction, which is kept as the state machine takes it.
 */
export interface Command
  extends StoreCommand,
    Omit<RaftRequest, 'header' | 'range' | keyof StoreCommand> {}

/** On whose behalf, and by which version of the permissions that was found to be allowed. */
export interface Author {
  readonly username: string
  readonly authRevision: number
}

/** Who showed neither a token nor a certificate. */
export const NOBODY_ASKS: Author = { username: '', authRevision: 0 }

/** For what a member does by itself, whatever happens to the permissions meanwhile. */
export const MEMBER_ASKS: Author = { username: 'root', authRevision: Number.MAX_SAFE_INTEGER }

export function encodeCommand(command: Command, id: bigint, author: Author): Uint8Array {
  const { username, authRevision } = author
  const header = { id, username, authRevision }
  const { put, txn } = command
  // Almost all are one of these; objects that always look the same are encoded much faster.
  if (put !== undefined) return InternalRaftRequest.encode({ header, put })
  if (txn !== undefined) return InternalRaftRequest.encode({ header, txn: txnToWire(txn) })
  return InternalRaftRequest.encode({ ...(command as RaftRequest), header })
}

export interface DecodedCommand {
  readonly id: bigint
  readonly author: Author
  readonly command: Command
}

export function decodeCommand(data: Uint8Array): DecodedCommand {
  const { header, txn, ...rest } = InternalRaftRequest.decode(data)
  const { id = 0n, username = '', authRevision = 0 } = header ?? {}
  const command = txn === undefined ? rest : { ...rest, txn: txnFromWire(txn) }
  return { id, author: { username, authRevision }, command }
}
