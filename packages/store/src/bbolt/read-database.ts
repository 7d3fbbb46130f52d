import { CorruptDatabase } from './corrupt-database.js'
import {
  BRANCH_PAGE,
  BUCKET_ELEMENT,
  BUCKET_HEADER_BYTES,
  ELEMENT_BYTES,
  LEAF_PAGE,
  type Meta,
  PAGE_HEADER_BYTES,
  PAGE_SIZE_MAX,
  PAGE_SIZE_MIN,
  readMeta,
  readPageHeader,
  readUint64,
} from './format.js'

/** A database to be read. Buckets in order of name, entries in order of key. */
export interface Database {
  readonly pageSize: number
  /** Of the pages in use; the file may be longer. */
  readonly sizeBytes: number
  readonly bucketNames: readonly string[]
  /** The keys and values are views of the file's bytes. None when there is no such bucket. */
  entries(bucket: string): Iterable<readonly [key: Buffer, value: Buffer]>
  /** The same, a leaf at a time and without a view of each. */
  leaves(bucket: string): Iterable<Leaf>
}

/** Some entries that lie together. What lies between the bounds of keys and values is checked. */
export interface Leaf {
  readonly bytes: Buffer
  readonly count: number
  keyStart(entry: number): number
  /** Where its key ends, too. */
  valueStart(entry: number): number
  valueEnd(entry: number): number
}

/** Trees of 64-bit page ids are never that deep. */
const DEPTH_MAX = 64

/**
 * Reads a database file; what follows its last page is ignored. Throws a `CorruptDatabase`, here or
 * while entries are read, for whatever can't be: every page is checked before it is used, and none
 * is used twice.
 */
export function readDatabase(bytes: Uint8Array): Database {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  return new DatabaseReader(file, findMeta(file))
}

/** The newer of the two that are whole. */
function findMeta(file: Buffer): Meta {
  const first = metaAt(file, 0)
  const metas = typeof first === 'string' ? secondMetas(file) : [first]
  if (typeof first !== 'string') {
    const second = metaAt(file, first.pageSize)
    if (typeof second !== 'string') metas.push(second)
  }
  const newest = metas.sort((a, b) => b.transaction - a.transaction)[0]
  if (newest !== undefined) return newest
  throw new CorruptDatabase(`not a database: meta page 0 at byte 0 is invalid: ${first}`)
}

/** Without the first one, who knows how large a page is. */
function secondMetas(file: Buffer): Meta[] {
  const found: Meta[] = []
  for (let pageSize = PAGE_SIZE_MIN; pageSize <= PAGE_SIZE_MAX; pageSize *= 2) {
    const meta = metaAt(file, pageSize)
    if (typeof meta !== 'string' && meta.pageSize === pageSize) found.push(meta)
  }
  return found
}

function metaAt(file: Buffer, page: number): Meta | string {
  const meta = readMeta(file, page + PAGE_HEADER_BYTES)
  if (typeof meta === 'string') return meta
  const { pageSize, pageCount } = meta
  const isPowerOfTwo = (pageSize & (pageSize - 1)) === 0
  if (!isPowerOfTwo || pageSize < PAGE_SIZE_MIN || pageSize > PAGE_SIZE_MAX) {
    return `pages of ${pageSize} bytes`
  }
  if (pageCount * pageSize > file.length) {
    return `${pageCount} pages of ${pageSize} bytes in a file of ${file.length} bytes`
  }
  return meta
}

/** Where a bucket's tree begins: a page, or a leaf within the bucket's own entry. */
type Root = { readonly page: number } | { readonly inline: Buffer; readonly at: number }

interface Node {
  readonly bytes: Buffer
  /** In the file, for messages. */
  readonly at: number
  readonly page: number
  readonly flags: number
  readonly count: number
}

class DatabaseReader implements Database {
  readonly sizeBytes: number
  readonly pageSize: number
  readonly #file: Buffer
  readonly #meta: Meta
  readonly #roots = new Map<string, Root>()

  constructor(file: Buffer, meta: Meta) {
    this.#file = file
    this.#meta = meta
    this.pageSize = meta.pageSize
    this.sizeBytes = meta.pageCount * meta.pageSize
    for (const leaf of this.#leaves({ page: meta.root }, BUCKET_ELEMENT)) {
      for (let n = 0; n < leaf.count; n++) {
        this.#roots.set(leaf.key(n).toString('latin1'), rootOf(leaf, n))
      }
    }
  }

  get bucketNames(): readonly string[] {
    return [...this.#roots.keys()]
  }

  *entries(bucket: string): Iterable<readonly [key: Buffer, value: Buffer]> {
    for (const leaf of this.leaves(bucket)) {
      for (let n = 0; n < leaf.count; n++) yield [leaf.key(n), leaf.value(n)]
    }
  }

  *leaves(bucket: string): Iterable<CheckedLeaf> {
    const root = this.#roots.get(bucket)
    if (root !== undefined) yield* this.#leaves(root, 0)
  }

  /** Of a tree, depth first. */
  *#leaves(root: Root, elementFlags: number): Iterable<CheckedLeaf> {
    const walk = new TreeWalk(this.#file, this.#meta)
    let before: CheckedLeaf | undefined
    for (const node of 'page' in root ? walk.leavesFrom(root.page, 0) : [inlineNode(root)]) {
      const leaf = new CheckedLeaf(node)
      leaf.check(elementFlags, before)
      if (leaf.count > 0) before = leaf
      yield leaf
    }
  }
}

class CheckedLeaf implements Leaf {
  readonly #node: Node
  readonly bytes: Buffer
  readonly count: number

  constructor(node: Node) {
    this.#node = node
    this.bytes = node.bytes
    this.count = node.count
  }

  /** In the file. */
  get at(): number {
    return this.#node.at
  }

  keyStart(entry: number): number {
    const element = PAGE_HEADER_BYTES + entry * ELEMENT_BYTES
    return element + this.bytes.readUInt32LE(element + 4)
  }

  valueStart(entry: number): number {
    return this.keyStart(entry) + this.#size(entry, 8)
  }

  valueEnd(entry: number): number {
    return this.valueStart(entry) + this.#size(entry, 12)
  }

  key(entry: number): Buffer {
    return this.bytes.subarray(this.keyStart(entry), this.valueStart(entry))
  }

  value(entry: number): Buffer {
    return this.bytes.subarray(this.valueStart(entry), this.valueEnd(entry))
  }

  #size(entry: number, field: number): number {
    return this.bytes.readUInt32LE(PAGE_HEADER_BYTES + entry * ELEMENT_BYTES + field)
  }

  /** Throws unless all lies within the page, is of that kind, and in order. */
  check(elementFlags: number, before: CheckedLeaf | undefined): void {
    let [previous, place] = [before, (before?.count ?? 0) - 1]
    for (let n = 0; n < this.count; n++) {
      const end = this.valueEnd(n)
      if (end > this.bytes.length) {
        throw corrupt(this.#node, n, `ends at byte ${this.at + end}, past its page`)
      }
      if (this.#size(n, 0) !== elementFlags) throw corrupt(this.#node, n, 'is of the wrong kind')
      if (previous !== undefined && !previous.#isBefore(place, this, n)) {
        throw corrupt(this.#node, n, 'is out of order')
      }
      previous = this
      place = n
    }
  }

  #isBefore(entry: number, leaf: CheckedLeaf, next: number): boolean {
    const [start, end] = [leaf.keyStart(next), leaf.valueStart(next)]
    return (
      this.bytes.compare(leaf.bytes, start, end, this.keyStart(entry), this.valueStart(entry)) < 0
    )
  }
}

/** Of the bucket that is an entry of the root tree. */
function rootOf(leaf: CheckedLeaf, entry: number): Root {
  const value = leaf.value(entry)
  const at = leaf.at + leaf.valueStart(entry)
  if (value.length < BUCKET_HEADER_BYTES) {
    throw new CorruptDatabase(`bucket of ${value.length} bytes at byte ${at}`)
  }
  const page = readUint64(value, 0)
  if (page !== 0) return { page }
  return { inline: value.subarray(BUCKET_HEADER_BYTES), at: at + BUCKET_HEADER_BYTES }
}

/** One way through a tree. */
class TreeWalk {
  readonly #file: Buffer
  readonly #meta: Meta
  /** A tree that refers twice to a page has no end, or too many. */
  readonly #seen: Uint8Array

  constructor(file: Buffer, meta: Meta) {
    this.#file = file
    this.#meta = meta
    this.#seen = new Uint8Array(Math.ceil(meta.pageCount / 8))
  }

  *leavesFrom(page: number, depth: number): Iterable<Node> {
    const node = this.#node(page)
    if (node.flags === LEAF_PAGE) {
      yield node
      return
    }
    if (depth === DEPTH_MAX) throw corrupt(node, 0, `lies ${depth} pages deep`)
    for (let n = 0; n < node.count; n++) {
      const element = PAGE_HEADER_BYTES + n * ELEMENT_BYTES
      yield* this.leavesFrom(readUint64(node.bytes, element + 8), depth + 1)
    }
  }

  #node(page: number): Node {
    const { pageSize, pageCount } = this.#meta
    if (page < 2 || page >= pageCount) {
      throw new CorruptDatabase(`page ${page} is referred to, and there are ${pageCount}`)
    }
    const at = page * pageSize
    const place = `page ${page} at byte ${at}`
    if (!this.#isFirstVisit(page)) throw new CorruptDatabase(`${place} is referred to twice`)
    const { id, flags, count, overflow } = readPageHeader(this.#file, at)
    if (id !== page) throw new CorruptDatabase(`${place} says that it is page ${id}`)
    if (flags !== LEAF_PAGE && flags !== BRANCH_PAGE) {
      throw new CorruptDatabase(`${place} is neither a branch nor a leaf, but of kind ${flags}`)
    }
    if (page + overflow >= pageCount) {
      throw new CorruptDatabase(`${place} goes on for ${overflow} pages, past the end`)
    }
    if (flags === BRANCH_PAGE && count === 0) throw new CorruptDatabase(`${place} is empty`)
    const bytes = this.#file.subarray(at, at + (overflow + 1) * pageSize)
    assertElements(place, count, bytes)
    return { bytes, at, page, flags, count }
  }

  #isFirstVisit(page: number): boolean {
    const bit = 1 << (page & 7)
    const before = this.#seen[page >>> 3] as number
    this.#seen[page >>> 3] = before | bit
    return (before & bit) === 0
  }
}

function inlineNode({ inline, at }: { readonly inline: Buffer; readonly at: number }): Node {
  const place = `bucket at byte ${at}`
  if (inline.length < PAGE_HEADER_BYTES) throw new CorruptDatabase(`${place} has no page`)
  const { flags, count } = readPageHeader(inline, 0)
  if (flags !== LEAF_PAGE) throw new CorruptDatabase(`${place} is no leaf, but of kind ${flags}`)
  assertElements(place, count, inline)
  return { bytes: inline, at, page: 0, flags, count }
}

function assertElements(place: string, count: number, bytes: Buffer): void {
  if (PAGE_HEADER_BYTES + count * ELEMENT_BYTES <= bytes.length) return
  throw new CorruptDatabase(`${place} has ${count} entries, more than fit`)
}

const corrupt = ({ page, at }: Node, entry: number, problem: string): CorruptDatabase =>
  new CorruptDatabase(`entry ${entry} of page ${page} at byte ${at} ${problem}`)
