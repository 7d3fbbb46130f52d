import { isSingleKey, upperBound } from '../client/key-range.js'
import type {
  Compare,
  DeleteRangeRequest,
  DeleteRangeResponse,
  Header,
  PutRequest,
  PutResponse,
  RequestOp,
  ResponseOp,
  TxnRequest,
  TxnResponse,
} from '../client/store-client.js'
import { StoreError } from '../errors.js'
import type { Lessor } from '../lease/lessor.js'
import type { KeyRevision } from '../mvcc/key-revision.js'
import type { Mvcc } from '../mvcc/mvcc.js'
import { range } from '../mvcc/range.js'
import { holds } from './compare.js'
import { keptValue } from './kept-value.js'
import { OperationCounts } from './operation-counts.js'

/**
 * Carries out operations within the transaction that is open. Nothing here can fail half way:
 * `checkBranch` finds what the store's state forbids before the first write.
 */
export class Applier {
  readonly counts = new OperationCounts()
  readonly #mvcc: Mvcc
  readonly #lessor: Lessor

  constructor(mvcc: Mvcc, lessor: Lessor) {
    this.#mvcc = mvcc
    this.#lessor = lessor
  }

  /** Throws what the store's state forbids about a put. In a transaction etcd looks at the key first. */
  checkPut(request: PutRequest, isInTxn: boolean): void {
    if (isInTxn) {
      this.#checkKept(request)
      if (request.ignoreValue || request.ignoreLease) this.counts.ranges++
    }
    const { lease } = request
    if (lease !== undefined && lease !== 0n) this.#lessor.get(lease)
    this.#checkKept(request)
  }

  #checkKept({ key, ignoreValue, ignoreLease }: PutRequest): void {
    if ((ignoreValue || ignoreLease) && this.#mvcc.get(key) === undefined) {
      throw new StoreError({ code: 'KeyNotFound' })
    }
  }

  put(request: PutRequest): PutResponse {
    const { key, ignoreValue, ignoreLease } = request
    let { value, lease = 0n } = request
    if (ignoreValue || ignoreLease) {
      const current = this.#mvcc.get(key)
      if (ignoreValue && current !== undefined) value = current.value
      if (ignoreLease && current !== undefined) lease = current.lease
    }
    const { counts } = this
    if (ignoreValue || ignoreLease || request.prevKv) counts.ranges++
    counts.puts++
    counts.putBytes += key.length + value.length
    const record = this.#mvcc.put(key, keptValue(value), lease)
    const { prevKv } = record
    const previousLease = prevKv === undefined ? 0n : prevKv.lease
    if (previousLease !== lease) {
      if (previousLease !== 0n) this.#lessor.detach(key, previousLease)
      if (lease !== 0n) this.#lessor.attach(record.kv.key, lease)
    }
    const header = { revision: this.#mvcc.openRevision }
    return request.prevKv && prevKv !== undefined ? { header, prevKv } : { header }
  }

  deleteRange(request: DeleteRangeRequest): DeleteRangeResponse {
    if (request.prevKv) this.counts.ranges++
    this.counts.deletes++
    const records = this.#find(request)
    for (const record of records) this.#delete(record)
    const header = { revision: this.#mvcc.openRevision }
    const prevKvs = request.prevKv ? records.map(({ kv }) => kv) : []
    return { header, deleted: records.length, prevKvs }
  }

  #find(request: DeleteRangeRequest): KeyRevision[] {
    const { index } = this.#mvcc
    if (!isSingleKey(request)) return index.range(request.key, upperBound(request))
    const record = index.get(request.key)
    return record === undefined ? [] : [record]
  }

  /** What a lease takes with it. */
  expire(record: KeyRevision): void {
    this.counts.deletes++
    this.#delete(record)
  }

  #delete(record: KeyRevision): void {
    this.#mvcc.delete(record)
    const { key, lease } = record.kv
    if (lease !== 0n) this.#lessor.detach(key, lease)
  }

  /**
   * Which branches run, down through nested transactions. All compares are made here, before the
   * first write: that is what they compare. Throws what the store's state forbids about those
   * branches, about puts first.
   */
  plan(request: TxnRequest): TxnPlan {
    const plan = this.#choose(request)
    this.#checkPuts(plan)
    this.#checkRanges(plan)
    return plan
  }

  #choose(request: TxnRequest): TxnPlan {
    const succeeds = (request.compare ?? []).every((compare) => this.#holds(compare))
    const ops = (succeeds ? request.success : request.failure) ?? []
    const nested: TxnPlan[] = []
    for (const op of ops) if (op.type === 'txn') nested.push(this.#choose(op))
    return { succeeds, ops, nested }
  }

  #holds(compare: Compare): boolean {
    this.counts.ranges++
    return holds(this.#mvcc, compare)
  }

  #checkPuts({ ops, nested }: TxnPlan): void {
    let n = 0
    for (const op of ops) {
      if (op.type === 'put') this.checkPut(op, true)
      else if (op.type === 'txn') this.#checkPuts(nested[n++] as TxnPlan)
    }
  }

  #checkRanges({ ops, nested }: TxnPlan): void {
    let n = 0
    for (const op of ops) {
      if (op.type === 'range') this.#mvcc.assertReadable(op.revision ?? 0)
      else if (op.type === 'txn') this.#checkRanges(nested[n++] as TxnPlan)
    }
  }

  txn(plan: TxnPlan): TxnResponse {
    // All that are nested in it answer with this one, which is known when the last has written.
    const header = { revision: 0 }
    const response = this.#run(plan, header)
    header.revision = this.#mvcc.openRevision
    return response
  }

  #run({ succeeds, ops, nested }: TxnPlan, header: Header): TxnResponse {
    let n = 0
    const responses = ops.map((op): ResponseOp => {
      if (op.type !== 'txn') return this.#apply(op)
      return { type: 'txn', ...this.#run(nested[n++] as TxnPlan, header) }
    })
    return { header, succeeded: succeeds, responses }
  }

  #apply(op: Exclude<RequestOp, { type: 'txn' }>): ResponseOp {
    switch (op.type) {
      case 'range':
        this.counts.ranges++
        return { type: 'range', ...range(this.#mvcc, op) }
      case 'put':
        return { type: 'put', ...this.put(op) }
      case 'deleteRange':
        return { type: 'deleteRange', ...this.deleteRange(op) }
    }
  }
}

/** A transaction whose compares are made: which operations run, and the plans of nested ones. */
export interface TxnPlan {
  readonly succeeds: boolean
  readonly ops: readonly RequestOp[]
  readonly nested: readonly TxnPlan[]
}
