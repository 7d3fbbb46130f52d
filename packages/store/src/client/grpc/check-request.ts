import { checkRevision, invalid } from '../../txn/static-check.js'
import type { Key, KeyRange } from '../key-range.js'
import type { RangeRequest, TxnRequest } from '../store-client.js'

/** What the wire can't say is refused here; everything else the server refuses. */

const NOT_A_BYTE = /[^\0-\xff]/

export function checkBytes(key: Key): void {
  const place = key.search(NOT_A_BYTE)
  if (place < 0) return
  throw invalid(`char ${place} of key ${JSON.stringify(key)} is not a byte; convert keys to latin1`)
}

export function checkKeys({ key, rangeEnd }: KeyRange): void {
  checkBytes(key)
  if (rangeEnd !== undefined) checkBytes(rangeEnd)
}

export function checkRange(request: RangeRequest): void {
  checkKeys(request)
  if (request.revision !== undefined) checkRevision('revision', request.revision)
  if (request.limit !== undefined) checkRevision('limit', request.limit)
}

export function checkTxn({ compare = [], success = [], failure = [] }: TxnRequest): void {
  for (const one of compare) checkKeys(one)
  for (const ops of [success, failure]) {
    for (const op of ops) {
      if (op.type === 'txn') checkTxn(op)
      else if (op.type === 'range') checkRange(op)
      else checkKeys(op)
    }
  }
}

/** Whether a transaction can only read, whichever branch it takes. */
export const isReadOnly = ({ success = [], failure = [] }: TxnRequest): boolean =>
  [...success, ...failure].every(
    (op) => op.type === 'range' || (op.type === 'txn' && isReadOnly(op)),
  )

/** The first past revision that a transaction asks for; 0: none. */
export function firstRevision({ success = [], failure = [] }: TxnRequest): number {
  for (const op of [...success, ...failure]) {
    if (op.type === 'range' && op.revision) return op.revision
    const inner = op.type === 'txn' ? firstRevision(op) : 0
    if (inner > 0) return inner
  }
  return 0
}
