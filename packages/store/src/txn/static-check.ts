import { contains, FROM_KEY, type Key, type KeyRange } from '../client/key-range.js'
import type { PutRequest, RangeRequest, RequestOp, TxnRequest } from '../client/store-client.js'
import { StoreError } from '../errors.js'
import type { StoreLimits } from '../limits.js'

/**
 * What is wrong with a request whatever the store holds; thrown before anything is done.
 * Source: etcd, api/v3rpc/key.go.
 */

export function checkKey(key: Key): void {
  if (key.length === 0) throw new StoreError({ code: 'EmptyKey' })
  for (let i = 0; i < key.length; i++) {
    if (key.charCodeAt(i) > 0xff) {
      throw invalid(`char ${i} of key ${JSON.stringify(key)} is not a byte; convert keys to latin1`)
    }
  }
}

export function checkRange(request: RangeRequest): void {
  checkKey(request.key)
  if (request.revision !== undefined) checkRevision('revision', request.revision)
  if (request.limit !== undefined) checkRevision('limit', request.limit)
}

export function checkRevision(name: string, value: number): void {
  if (!Number.isSafeInteger(value)) throw invalid(`${name} ${value} is not a whole number`)
}

export function checkPut(request: PutRequest): void {
  checkKey(request.key)
  if (request.ignoreValue && request.value.length > 0) {
    throw new StoreError({ code: 'ValueProvided' })
  }
  if (request.ignoreLease && request.lease !== undefined && request.lease !== 0n) {
    throw new StoreError({ code: 'LeaseProvided' })
  }
}

/**
 * Checks the transaction with all nested ones, and that it writes no key twice. Answers the bytes
 * that it may put.
 */
export function checkTxn(request: TxnRequest, limits: StoreLimits): number {
  checkTxnOps(request, limits.txnOpsMax)
  const { putBytes, otherBytes } = txnBytes(request)
  checkSize(putBytes + otherBytes, limits)
  if (mayRepeat(request.success)) checkWrites(request.success)
  if (mayRepeat(request.failure)) checkWrites(request.failure)
  return putBytes
}

export function checkTtl(ttlSeconds: number): void {
  if (!Number.isFinite(ttlSeconds)) throw invalid(`TTL ${ttlSeconds} is not a number of seconds`)
}

export function checkSize(bytes: number, limits: StoreLimits): void {
  if (bytes > limits.requestBytesMax) throw new StoreError({ code: 'RequestTooLarge' })
}

/** What a transaction takes of `max`, those that are nested in it do not have. */
function checkTxnOps({ compare = [], success = [], failure = [] }: TxnRequest, max: number): void {
  const taken = Math.max(compare.length, success.length, failure.length)
  if (taken > max) throw new StoreError({ code: 'TooManyOps' })
  for (const { key } of compare) checkKey(key)
  for (const ops of [success, failure]) for (const op of ops) checkOp(op, max - taken)
}

function checkOp(op: RequestOp, nestedMax: number): void {
  if (op.type === 'range') checkRange(op)
  else if (op.type === 'put') checkPut(op)
  else if (op.type === 'deleteRange') checkKey(op.key)
  else checkTxnOps(op, nestedMax)
}

/** Whether either branch puts anything, however deep. */
export const mayPut = ({ success = [], failure = [] }: TxnRequest): boolean =>
  [success, failure].some((ops) =>
    ops.some((op) => op.type === 'put' || (op.type === 'txn' && mayPut(op))),
  )

interface TxnBytes {
  putBytes: number
  otherBytes: number
}

function txnBytes(request: TxnRequest, bytes = { putBytes: 0, otherBytes: 0 }): TxnBytes {
  const { compare = [], success = [], failure = [] } = request
  for (const { key } of compare) bytes.otherBytes += key.length
  for (const ops of [success, failure]) {
    for (const op of ops) {
      if (op.type === 'put') bytes.putBytes += op.key.length + op.value.length
      else if (op.type === 'txn') txnBytes(op, bytes)
      else bytes.otherBytes += op.key.length
    }
  }
  return bytes
}

interface Writes {
  readonly puts: Set<Key>
  readonly deletes: KeyRange[]
}

/** A branch of one plain operation, as almost every one is, cannot write a key twice. */
const mayRepeat = (ops: readonly RequestOp[] = []): boolean =>
  ops.length > 1 || ops[0]?.type === 'txn'

/**
 * Refuses a branch that may write a key twice: with two puts, or with a put that a delete range
 * covers. The branches of one nested transaction exclude each other, so the same key may be in
 * both; but none of them may meet what stands outside.
 */
function checkWrites(ops: readonly RequestOp[] = []): Writes {
  const writes: Writes = { puts: new Set(), deletes: [] }
  for (const op of ops) if (op.type === 'deleteRange') writes.deletes.push(op)
  for (const op of ops) if (op.type === 'txn') addNested(writes, op)
  for (const op of ops) {
    if (op.type !== 'put') continue
    assertFree(op.key, writes)
    writes.puts.add(op.key)
  }
  return writes
}

function addNested(writes: Writes, { success, failure }: TxnRequest): void {
  const branches = [checkWrites(success), checkWrites(failure)]
  for (const branch of branches) for (const key of branch.puts) assertFree(key, writes)
  for (const branch of branches) {
    for (const key of branch.puts) writes.puts.add(key)
    writes.deletes.push(...branch.deletes)
  }
}

function assertFree(key: Key, { puts, deletes }: Writes): void {
  if (puts.has(key) || deletes.some((range) => hasEnd(range) && contains(range, key))) {
    throw new StoreError({ code: 'DuplicateKey' })
  }
}

/** etcd overlooks a deletion of everything from a key on: what is there at its turn is deleted. */
const hasEnd = ({ rangeEnd }: KeyRange): boolean => rangeEnd !== FROM_KEY

export const invalid = (problem: string): StoreError =>
  new StoreError({ code: 'InvalidArgument', problem })
