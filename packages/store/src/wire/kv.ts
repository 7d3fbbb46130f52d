import { type Decoded, field, type MessageType, message, optional, repeated } from './message.js'
import { bool, bytes, enumOf, int64, integer, key, uint64 } from './scalars.js'

/** etcdserverpb's KV service and mvccpb. Source: etcd, api/etcdserverpb/rpc.proto, mvccpb/kv.proto. */

export const ResponseHeader = message('etcdserverpb.ResponseHeader', {
  clusterId: field(1, uint64),
  memberId: field(2, uint64),
  revision: field(3, integer),
  raftTerm: field(4, integer),
})
export type ResponseHeader = Decoded<typeof ResponseHeader>

export const header = optional(1, ResponseHeader)

export const KeyValue = message('mvccpb.KeyValue', {
  key: field(1, key),
  createRevision: field(2, integer),
  modRevision: field(3, integer),
  version: field(4, integer),
  value: field(5, bytes),
  lease: field(6, int64),
})
export type KeyValue = Decoded<typeof KeyValue>

export const RangeRequest = message('etcdserverpb.RangeRequest', {
  key: field(1, key),
  rangeEnd: field(2, key),
  limit: field(3, integer),
  revision: field(4, integer),
  sortOrder: field(
    5,
    enumOf({ none: [0, 'NONE'], ascend: [1, 'ASCEND'], descend: [2, 'DESCEND'] }),
  ),
  sortTarget: field(
    6,
    enumOf({
      key: [0, 'KEY'],
      version: [1, 'VERSION'],
      create: [2, 'CREATE'],
      mod: [3, 'MOD'],
      value: [4, 'VALUE'],
    }),
  ),
  serializable: field(7, bool),
  keysOnly: field(8, bool),
  countOnly: field(9, bool),
  minModRevision: field(10, integer),
  maxModRevision: field(11, integer),
  minCreateRevision: field(12, integer),
  maxCreateRevision: field(13, integer),
})
export type RangeRequest = Decoded<typeof RangeRequest>

export const RangeResponse = message('etcdserverpb.RangeResponse', {
  header,
  kvs: repeated(2, KeyValue),
  more: field(3, bool),
  count: field(4, integer),
})
export type RangeResponse = Decoded<typeof RangeResponse>

export const PutRequest = message('etcdserverpb.PutRequest', {
  key: field(1, key),
  value: field(2, bytes),
  lease: field(3, int64),
  prevKv: field(4, bool),
  ignoreValue: field(5, bool),
  ignoreLease: field(6, bool),
})
export type PutRequest = Decoded<typeof PutRequest>

export const PutResponse = message('etcdserverpb.PutResponse', {
  header,
  prevKv: optional(2, KeyValue),
})
export type PutResponse = Decoded<typeof PutResponse>

export const DeleteRangeRequest = message('etcdserverpb.DeleteRangeRequest', {
  key: field(1, key),
  rangeEnd: field(2, key),
  prevKv: field(3, bool),
})
export type DeleteRangeRequest = Decoded<typeof DeleteRangeRequest>

export const DeleteRangeResponse = message('etcdserverpb.DeleteRangeResponse', {
  header,
  deleted: field(2, integer),
  prevKvs: repeated(3, KeyValue),
})
export type DeleteRangeResponse = Decoded<typeof DeleteRangeResponse>

export const Compare = message('etcdserverpb.Compare', {
  result: field(
    1,
    enumOf({
      '=': [0, 'EQUAL'],
      '>': [1, 'GREATER'],
      '<': [2, 'LESS'],
      '!=': [3, 'NOT_EQUAL'],
    }),
  ),
  target: field(
    2,
    enumOf({
      version: [0, 'VERSION'],
      create: [1, 'CREATE'],
      mod: [2, 'MOD'],
      value: [3, 'VALUE'],
      lease: [4, 'LEASE'],
    }),
  ),
  key: field(3, key),
  version: optional(4, integer),
  createRevision: optional(5, integer),
  modRevision: optional(6, integer),
  value: optional(7, bytes),
  lease: optional(8, int64),
  rangeEnd: field(64, key),
})
export type Compare = Decoded<typeof Compare>

// Transactions nest, so their types are written out.

/** Exactly one is set. */
export interface RequestOp {
  requestRange?: RangeRequest | undefined
  requestPut?: PutRequest | undefined
  requestDeleteRange?: DeleteRangeRequest | undefined
  requestTxn?: TxnRequest | undefined
}

export interface TxnRequest {
  compare: Compare[]
  success: RequestOp[]
  failure: RequestOp[]
}

/** Exactly one is set. */
export interface ResponseOp {
  responseRange?: RangeResponse | undefined
  responsePut?: PutResponse | undefined
  responseDeleteRange?: DeleteRangeResponse | undefined
  responseTxn?: TxnResponse | undefined
}

export interface TxnResponse {
  header?: ResponseHeader | undefined
  succeeded: boolean
  responses: ResponseOp[]
}

export const RequestOp: MessageType<RequestOp> = message('etcdserverpb.RequestOp', {
  requestRange: optional(1, RangeRequest),
  requestPut: optional(2, PutRequest),
  requestDeleteRange: optional(3, DeleteRangeRequest),
  requestTxn: optional(
    4,
    later(() => TxnRequest),
  ),
}) as unknown as MessageType<RequestOp>

export const TxnRequest: MessageType<TxnRequest> = message('etcdserverpb.TxnRequest', {
  compare: repeated(1, Compare),
  success: repeated(2, RequestOp),
  failure: repeated(3, RequestOp),
}) as unknown as MessageType<TxnRequest>

export const ResponseOp: MessageType<ResponseOp> = message('etcdserverpb.ResponseOp', {
  responseRange: optional(1, RangeResponse),
  responsePut: optional(2, PutResponse),
  responseDeleteRange: optional(3, DeleteRangeResponse),
  responseTxn: optional(
    4,
    later(() => TxnResponse),
  ),
}) as unknown as MessageType<ResponseOp>

export const TxnResponse: MessageType<TxnResponse> = message('etcdserverpb.TxnResponse', {
  header,
  succeeded: field(2, bool),
  responses: repeated(3, ResponseOp),
}) as unknown as MessageType<TxnResponse>

/** A message that is declared further down. */
function later<T>(of: () => MessageType<T>): MessageType<T> {
  return {
    name: 'later',
    fields: {},
    wireType: 2,
    empty: undefined,
    isEmpty: () => false,
    encode: (value) => of().encode(value),
    decode: (from) => of().decode(from),
    read: (reader) => of().read(reader),
    write: (writer, value) => of().write(writer, value),
    toJson: (value) => of().toJson(value),
    fromJson: (json) => of().fromJson(json),
  }
}

export const CompactionRequest = message('etcdserverpb.CompactionRequest', {
  revision: field(1, integer),
  physical: field(2, bool),
})
export type CompactionRequest = Decoded<typeof CompactionRequest>

export const CompactionResponse = message('etcdserverpb.CompactionResponse', { header })
