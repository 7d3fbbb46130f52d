import sortedBTree from 'sorted-btree'

// The package is CommonJS: Node's default import is its exports object, a bundler unwraps that.
const BTree = sortedBTree.default ?? (sortedBTree as unknown as typeof sortedBTree.default)

/** An ordered map whose `clone()` is O(1): nodes are shared and copied when written. */
export type OrderedMap<Value> = InstanceType<typeof sortedBTree.default<string, Value>>

const byBytes = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

export const orderedMap = <Value>(): OrderedMap<Value> =>
  new BTree<string, Value>(undefined, byBytes)
