import type * as client from '../client/store-client.js'
import { StoreError } from '../errors.js'
import type { Compare, RequestOp, TxnRequest } from './kv.js'

/**
 * Transactions on the wire and as the store has them: there an operand has a field a target and an
 * operation a field a type, here they are unions.
 */

export function txnFromWire({ compare, success, failure }: TxnRequest): client.TxnRequest {
  return {
    compare: compare.map(compareFromWire),
    success: success.map(opFromWire),
    failure: failure.map(opFromWire),
  }
}

/** A compare without its operand compares with zero, or with no bytes, as etcd's getters do. */
function compareFromWire(wire: Compare): client.Compare {
  const { key, rangeEnd, result: op } = wire
  switch (wire.target) {
    case 'version':
      return { key, rangeEnd, op, target: 'version', operand: wire.version ?? 0 }
    case 'create':
      return { key, rangeEnd, op, target: 'create', operand: wire.createRevision ?? 0 }
    case 'mod':
      return { key, rangeEnd, op, target: 'mod', operand: wire.modRevision ?? 0 }
    case 'lease':
      return { key, rangeEnd, op, target: 'lease', operand: wire.lease ?? 0n }
    case 'value':
      return { key, rangeEnd, op, target: 'value', operand: wire.value ?? NO_BYTES }
  }
}

const NO_BYTES = new Uint8Array(0)

function opFromWire(wire: RequestOp): client.RequestOp {
  const { requestRange, requestPut, requestDeleteRange, requestTxn } = wire
  if (requestPut !== undefined) return { type: 'put', ...requestPut }
  if (requestRange !== undefined) return { type: 'range', ...requestRange }
  if (requestDeleteRange !== undefined) return { type: 'deleteRange', ...requestDeleteRange }
  if (requestTxn !== undefined) return { type: 'txn', ...txnFromWire(requestTxn) }
  // etcd's answer to an operation that says nothing.
  throw new StoreError({ code: 'KeyNotFound' })
}

/** What may be encoded: fields that are left out are empty. */
type Loose = Record<string, unknown>

/** For encoding only: fields that are empty are left out. */
export function txnToWire({ compare, success, failure }: client.TxnRequest): TxnRequest {
  const wire: Loose = {
    compare: compare?.map(compareToWire),
    success: success?.map(opToWire),
    failure: failure?.map(opToWire),
  }
  return wire as unknown as TxnRequest
}

const OPERAND = {
  version: 'version',
  create: 'createRevision',
  mod: 'modRevision',
  value: 'value',
  lease: 'lease',
} as const

const compareToWire = ({ key, rangeEnd, op, target, operand }: client.Compare): Loose => ({
  key,
  rangeEnd,
  result: op,
  target,
  [OPERAND[target]]: operand,
})

function opToWire(op: client.RequestOp): Loose {
  switch (op.type) {
    case 'put':
      return { requestPut: op }
    case 'range':
      return { requestRange: op }
    case 'deleteRange':
      return { requestDeleteRange: op }
    case 'txn':
      return { requestTxn: txnToWire(op) }
  }
}
