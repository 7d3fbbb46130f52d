import { isSingleKey, upperBound } from '../client/key-range.js'
import type { Compare, CompareOperator, KeyValue } from '../client/store-client.js'
import type { Mvcc } from '../mvcc/mvcc.js'

/** Whether the condition holds now. Source: etcd v3 API, Compare. */
export function holds(mvcc: Mvcc, compare: Compare): boolean {
  if (isSingleKey(compare)) return matches(compare, mvcc.get(compare.key))
  const records = mvcc.index.range(compare.key, upperBound(compare))
  if (records.length === 0) return matches(compare, undefined)
  return records.every(({ kv }) => matches(compare, kv))
}

function matches(compare: Compare, kv: KeyValue | undefined): boolean {
  switch (compare.target) {
    case 'version':
      return fulfills(compare.op, Math.sign((kv?.version ?? 0) - compare.operand))
    case 'create':
      return fulfills(compare.op, Math.sign((kv?.createRevision ?? 0) - compare.operand))
    case 'mod':
      return fulfills(compare.op, Math.sign((kv?.modRevision ?? 0) - compare.operand))
    case 'lease':
      return fulfills(compare.op, orderOf(kv?.lease ?? 0n, compare.operand))
    case 'value':
      // A missing key has no value, not even an empty one.
      return kv !== undefined && fulfills(compare.op, Buffer.compare(kv.value, compare.operand))
  }
}

const orderOf = (a: bigint, b: bigint): number => (a < b ? -1 : a > b ? 1 : 0)

function fulfills(op: CompareOperator, order: number): boolean {
  switch (op) {
    case '=':
      return order === 0
    case '!=':
      return order !== 0
    case '<':
      return order < 0
    case '>':
      return order > 0
  }
}
