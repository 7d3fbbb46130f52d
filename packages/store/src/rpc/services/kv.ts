import type { ResponseOp as StoreResponseOp, TxnResponse } from '../../client/store-client.js'
import { StoreError } from '../../errors.js'
import { encodeRangeResponse } from '../../wire/encode-page.js'
import * as wire from '../../wire/kv.js'
import { txnFromWire } from '../../wire/txn.js'
import type { EtcdServer } from '../etcd-server.js'
import { ResponseHeaders } from '../response-header.js'
import { type Service, unary } from '../service.js'

export interface KvServiceOptions {
  /** Compares, or operations of one branch, in a transaction. */
  readonly txnOpsMax: number
}

/** Source: etcd, api/v3rpc/key.go. */
export function kvService(server: EtcdServer, { txnOpsMax }: KvServiceOptions): Service {
  const headers = new ResponseHeaders(server)
  return {
    name: 'etcdserverpb.KV',
    methods: [
      unary(
        'Range',
        wire.RangeRequest,
        wire.RangeResponse,
        async (request, caller) => {
          checkRange(request)
          const { header, kvs, more, count } = await server.range(request, caller)
          return { header: headers.at(header), kvs, more, count }
        },
        encodeRangeResponse,
      ),
      unary('Put', wire.PutRequest, wire.PutResponse, async (request, caller) => {
        checkKey(request.key)
        const { header, prevKv } = await server.put(request, caller)
        return { header: headers.at(header), prevKv }
      }),
      unary(
        'DeleteRange',
        wire.DeleteRangeRequest,
        wire.DeleteRangeResponse,
        async (request, caller) => {
          checkKey(request.key)
          const { header, deleted, prevKvs } = await server.deleteRange(request, caller)
          return { header: headers.at(header), deleted, prevKvs }
        },
      ),
      unary('Txn', wire.TxnRequest, wire.TxnResponse, async (request, caller) => {
        checkTxn(request, txnOpsMax)
        const response = await server.txn(txnFromWire(request), caller)
        return { ...txnToWire(response), header: headers.at(response.header) }
      }),
      unary(
        'Compact',
        wire.CompactionRequest,
        wire.CompactionResponse,
        async ({ revision, physical }, caller) => {
          const { header } = await server.compact(revision, { physical }, caller)
          return { header: headers.at(header) }
        },
      ),
    ],
  }
}

function checkKey(key: string): void {
  if (key === '') throw new StoreError({ code: 'EmptyKey' })
}

function checkRange({ key, sortOrder, sortTarget }: wire.RangeRequest): void {
  checkKey(key)
  if (isUndeclared(sortOrder) || isUndeclared(sortTarget)) {
    throw new StoreError({ code: 'InvalidSortOption' })
  }
}

/** A number that the enum does not know. */
const isUndeclared = (word: string): boolean => word.startsWith('?')

/** What only the wire can get wrong, and what has to be said before it: in etcd's order. */
function checkTxn({ compare, success, failure }: wire.TxnRequest, opsMax: number): void {
  const ops = Math.max(compare.length, success.length, failure.length)
  if (ops > opsMax) throw new StoreError({ code: 'TooManyOps' })
  for (const { key, result, target } of compare) {
    checkKey(key)
    if (isUndeclared(result) || isUndeclared(target)) {
      throw new StoreError({ code: 'InvalidArgument', problem: 'unknown compare in txn request' })
    }
  }
  for (const branch of [success, failure]) for (const op of branch) checkOp(op, opsMax - ops)
}

function checkOp(op: wire.RequestOp, opsMax: number): void {
  if (op.requestRange !== undefined) checkRange(op.requestRange)
  else if (op.requestPut !== undefined) checkPut(op.requestPut)
  else if (op.requestDeleteRange !== undefined) checkKey(op.requestDeleteRange.key)
  else if (op.requestTxn !== undefined) checkTxn(op.requestTxn, opsMax)
  else throw new StoreError({ code: 'KeyNotFound' })
}

function checkPut({ key, value, lease, ignoreValue, ignoreLease }: wire.PutRequest): void {
  checkKey(key)
  if (ignoreValue && value.length > 0) throw new StoreError({ code: 'ValueProvided' })
  if (ignoreLease && lease !== 0n) throw new StoreError({ code: 'LeaseProvided' })
}

/** Without a header: that of a nested transaction is there, and says nothing. */
const txnToWire = ({ succeeded, responses }: TxnResponse): wire.TxnResponse => ({
  header: NO_HEADER,
  succeeded,
  responses: responses.map(opToWire),
})

const NO_HEADER = {} as wire.ResponseHeader

/**
 * The store's responses have the fields of the wire's, so that they are encoded as they are. Their
 * headers name the revision and nothing else, as those of etcd's nested responses do.
 */
function opToWire(op: StoreResponseOp): wire.ResponseOp {
  switch (op.type) {
    case 'range':
      return { responseRange: op as unknown as wire.RangeResponse }
    case 'put':
      return { responsePut: op as unknown as wire.PutResponse }
    case 'deleteRange':
      return { responseDeleteRange: op as unknown as wire.DeleteRangeResponse }
    case 'txn':
      return { responseTxn: txnToWire(op) }
  }
}
