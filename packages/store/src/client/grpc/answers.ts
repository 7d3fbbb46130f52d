import type * as kv from '../../wire/kv.js'
import type {
  DeleteRangeResponse,
  Header,
  PutResponse,
  RangeResponse,
  ResponseOp,
  TxnResponse,
} from '../store-client.js'

/** Answers on the wire, as the store's clients have them. Keys and values have the same shape. */

type Headed = { readonly header?: kv.ResponseHeader | undefined }

export const headerOf = ({ header }: Headed): Header => ({ revision: header?.revision ?? 0 })

export const rangeAnswer = (wire: kv.RangeResponse): RangeResponse => ({
  header: headerOf(wire),
  kvs: wire.kvs,
  more: wire.more,
  count: wire.count,
})

export const putAnswer = (wire: kv.PutResponse): PutResponse =>
  wire.prevKv === undefined
    ? { header: headerOf(wire) }
    : { header: headerOf(wire), prevKv: wire.prevKv }

export const deleteRangeAnswer = (wire: kv.DeleteRangeResponse): DeleteRangeResponse => ({
  header: headerOf(wire),
  deleted: wire.deleted,
  prevKvs: wire.prevKvs,
})

export function txnAnswer(wire: kv.TxnResponse): TxnResponse {
  return txnAnswerUnder(headerOf(wire), wire)
}

/** The header of a nested transaction is empty: it is the outermost one's. */
const txnAnswerUnder = (header: Header, wire: kv.TxnResponse): TxnResponse => ({
  header,
  succeeded: wire.succeeded,
  responses: wire.responses.map((one) => opAnswer(header, one)),
})

function opAnswer(header: Header, wire: kv.ResponseOp): ResponseOp {
  const { responsePut, responseRange, responseDeleteRange, responseTxn } = wire
  if (responsePut !== undefined) return { type: 'put', ...putAnswer(responsePut) }
  if (responseRange !== undefined) return { type: 'range', ...rangeAnswer(responseRange) }
  if (responseTxn !== undefined) return { type: 'txn', ...txnAnswerUnder(header, responseTxn) }
  if (responseDeleteRange !== undefined) {
    return { type: 'deleteRange', ...deleteRangeAnswer(responseDeleteRange) }
  }
  throw new TypeError('a transaction was answered with an operation of no type')
}
