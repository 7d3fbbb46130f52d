import { isSingleKey, type Key, type KeyRange } from '../key-range.js'
import type { RequestOp, ResponseOp, TxnRequest, TxnResponse } from '../store-client.js'

/** The keys of which a finished write has made events, as far as request and answer name them. */

export const deletedKeys = (range: KeyRange, deleted: number): readonly Key[] =>
  deleted > 0 && isSingleKey(range) ? [range.key] : []

export function txnKeys(request: TxnRequest, { succeeded, responses }: TxnResponse): Key[] {
  const ops = (succeeded ? request.success : request.failure) ?? []
  return ops.flatMap((op, place) => opKeys(op, responses[place]))
}

function opKeys(op: RequestOp, response: ResponseOp | undefined): readonly Key[] {
  if (op.type === 'put') return [op.key]
  if (op.type === 'txn') return response?.type === 'txn' ? txnKeys(op, response) : []
  return response?.type === 'deleteRange' ? deletedKeys(op, response.deleted) : []
}
