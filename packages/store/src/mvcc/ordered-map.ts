// biome-ignore-all lint/style/noNonNullAssertion: every place is within its array

/** Entries of a leaf, or children of a branch. */
const WIDTH = 64

/** With less than this a node is joined with a neighbour. */
const WIDTH_MIN = WIDTH / 4

/** Written only by the map whose mark it bears; others make a copy first. */
interface Leaf<Value> {
  readonly owner: object
  readonly keys: string[]
  readonly values: Value[]
  readonly children: undefined
  size: number
}

interface Branch<Value> {
  readonly owner: object
  /** At which key each child begins. The first one's does not count: it begins with the branch. */
  readonly keys: string[]
  readonly values: undefined
  readonly children: Node<Value>[]
  /** Entries in all leaves below. */
  size: number
}

type Node<Value> = Leaf<Value> | Branch<Value>

/**
 * A map in the order of its keys: a B+ tree that knows how many entries lie below each node, so
 * that counting a range costs as little as finding its ends. `clone()` is O(1): both share their
 * nodes and copy what they write.
 */
export class OrderedMap<Value> {
  #owner: object = {}
  #root: Node<Value> = this.#leaf([], [])

  get size(): number {
    return this.#root.size
  }

  get(key: string): Value | undefined {
    let node = this.#root
    while (node.children !== undefined) node = node.children[childFor(node.keys, key)]!
    const i = placeOf(node.keys, key)
    return node.keys[i] === key ? node.values[i] : undefined
  }

  /** Answers whether the key is new. */
  set(key: string, value: Value): boolean {
    this.#root = this.#owned(this.#root)
    const isNew = this.#set(this.#root, key, value)
    if (this.#root.keys.length > WIDTH) {
      const { size } = this.#root
      const root = this.#branch([this.#root.keys[0]!], [this.#root], size)
      this.#split(root, 0, key)
      this.#root = root
    }
    return isNew
  }

  /** Answers whether it was there. */
  delete(key: string): boolean {
    this.#root = this.#owned(this.#root)
    const wasThere = this.#delete(this.#root, key)
    while (this.#root.children?.length === 1) this.#root = this.#root.children[0]!
    return wasThere
  }

  /** Keys from `low` on and below `high`. */
  count(low: string, high: string): number {
    return low < high ? this.#rank(high) - this.#rank(low) : 0
  }

  /** Calls `visit` for each value in order, until it answers false. */
  forRange(low: string, high: string, visit: (value: Value) => boolean): void {
    if (low < high) visitRange(this.#root, low, high, visit)
  }

  values(): Iterable<Value> {
    return valuesOf(this.#root)
  }

  clone(): OrderedMap<Value> {
    const clone = new OrderedMap<Value>()
    clone.#root = this.#root
    // From now on every node belongs to somebody else: whoever writes to one copies it.
    this.#owner = {}
    return clone
  }

  /** Entries below `key`. */
  #rank(key: string): number {
    let rank = 0
    let node = this.#root
    while (node.children !== undefined) {
      const at = childFor(node.keys, key)
      for (let i = 0; i < at; i++) rank += node.children[i]!.size
      node = node.children[at]!
    }
    return rank + placeOf(node.keys, key)
  }

  #set(node: Node<Value>, key: string, value: Value): boolean {
    if (node.children === undefined) {
      const i = placeOf(node.keys, key)
      if (node.keys[i] === key) {
        node.values[i] = value
        return false
      }
      insert(node.keys, i, key)
      insert(node.values, i, value)
      node.size++
      return true
    }
    const i = childFor(node.keys, key)
    const child = this.#ownedChild(node, i)
    if (!this.#set(child, key, value)) return false
    node.size++
    if (child.keys.length > WIDTH) this.#split(node, i, key)
    return true
  }

  /** Cuts the child at `i` in two, after `key` was added to it. */
  #split(parent: Branch<Value>, i: number, key: string): void {
    const child = parent.children[i]!
    // Keys often come in order: then what is left of the last one stays full.
    const isAtEnd = key >= child.keys[child.keys.length - 1]!
    const middle = isAtEnd ? child.keys.length - 1 : child.keys.length >>> 1
    const keys = child.keys.splice(middle)
    const right = this.#cutOff(child, keys, middle)
    parent.keys.splice(i + 1, 0, keys[0]!)
    parent.children.splice(i + 1, 0, right)
  }

  #cutOff(child: Node<Value>, keys: string[], at: number): Node<Value> {
    let right: Node<Value>
    if (child.children === undefined) {
      right = this.#leaf(keys, child.values.splice(at))
    } else {
      const children = child.children.splice(at)
      right = this.#branch(keys, children, sizeOf(children))
    }
    child.size -= right.size
    return right
  }

  #delete(node: Node<Value>, key: string): boolean {
    if (node.children === undefined) {
      const i = placeOf(node.keys, key)
      if (node.keys[i] !== key) return false
      node.keys.splice(i, 1)
      node.values.splice(i, 1)
      node.size--
      return true
    }
    const i = childFor(node.keys, key)
    const child = this.#ownedChild(node, i)
    if (!this.#delete(child, key)) return false
    node.size--
    if (child.keys.length < WIDTH_MIN) this.#join(node, i === 0 ? 0 : i - 1)
    return true
  }

  /** Makes one of the children at `i` and next to it, when both fit in one. */
  #join(parent: Branch<Value>, i: number): void {
    const right = parent.children[i + 1]
    if (right === undefined) return
    if (parent.children[i]!.keys.length + right.keys.length > WIDTH) return
    const left = this.#ownedChild(parent, i)
    left.size += right.size
    if (left.children === undefined) {
      left.keys.push(...right.keys)
      left.values.push(...(right as Leaf<Value>).values)
    } else {
      // Its first key never counted; here it does.
      left.keys.push(parent.keys[i + 1]!, ...right.keys.slice(1))
      left.children.push(...(right as Branch<Value>).children)
    }
    parent.keys.splice(i + 1, 1)
    parent.children.splice(i + 1, 1)
  }

  #ownedChild(parent: Branch<Value>, i: number): Node<Value> {
    const child = parent.children[i]!
    if (child.owner === this.#owner) return child
    const copy = this.#owned(child)
    parent.children[i] = copy
    return copy
  }

  #owned(node: Node<Value>): Node<Value> {
    if (node.owner === this.#owner) return node
    return node.children === undefined
      ? this.#leaf(node.keys.slice(), node.values.slice())
      : this.#branch(node.keys.slice(), node.children.slice(), node.size)
  }

  #leaf(keys: string[], values: Value[]): Leaf<Value> {
    return { owner: this.#owner, keys, values, children: undefined, size: keys.length }
  }

  #branch(keys: string[], children: Node<Value>[], size: number): Branch<Value> {
    return { owner: this.#owner, keys, values: undefined, children, size }
  }
}

const sizeOf = (nodes: readonly { readonly size: number }[]): number =>
  nodes.reduce((size, node) => size + node.size, 0)

/** The first place whose key is not below `key`. */
function placeOf(keys: readonly string[], key: string): number {
  let low = 0
  let high = keys.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (keys[middle]! < key) low = middle + 1
    else high = middle
  }
  return low
}

/** The child in which `key` is, if it is anywhere. */
function childFor(keys: readonly string[], key: string): number {
  let low = 0
  let high = keys.length - 1
  while (low < high) {
    const middle = (low + high + 1) >>> 1
    if (keys[middle]! <= key) low = middle
    else high = middle - 1
  }
  return low
}

/** Cheaper than `splice`, which makes an array of what it takes out. */
function insert<Item>(items: Item[], at: number, item: Item): void {
  items.push(item)
  for (let i = items.length - 1; i > at; i--) items[i] = items[i - 1]!
  items[at] = item
}

/** Answers whether to go on. */
function visitRange<Value>(
  node: Node<Value>,
  low: string,
  high: string,
  visit: (value: Value) => boolean,
): boolean {
  const { keys, children } = node
  if (children === undefined) {
    for (let i = placeOf(keys, low); i < keys.length && keys[i]! < high; i++) {
      if (!visit(node.values[i]!)) return false
    }
    return true
  }
  for (let i = childFor(keys, low); i < children.length; i++) {
    if (i > 0 && keys[i]! >= high) return true
    if (!visitRange(children[i]!, low, high, visit)) return false
  }
  return true
}

function* valuesOf<Value>(node: Node<Value>): Iterable<Value> {
  if (node.children === undefined) yield* node.values
  else for (const child of node.children) yield* valuesOf(child)
}
