import { eventLoopTurn, type YieldTurn } from '../clock.js'
import {
  type BucketSource,
  bytesOf,
  type Entry,
  type EntryCursor,
  orderedBucket,
} from './entries.js'
import {
  BRANCH_PAGE,
  BUCKET_ELEMENT,
  BUCKET_HEADER_BYTES,
  ELEMENT_BYTES,
  FREELIST_PAGE,
  LEAF_PAGE,
  META_PAGE,
  type Meta,
  PAGE_HEADER_BYTES,
  PAGE_SIZE,
  writeMeta,
  writePageHeader,
  writeUint64,
} from './format.js'
import { pagesOf, type TreePlan, TreePlanner } from './tree-plan.js'

export interface WriteOptions {
  /** Others may run in between. Default: a turn of the event loop. */
  readonly yieldTurn?: YieldTurn | undefined
  readonly pageSize?: number | undefined
}

/** A database on its way to a file or a connection. */
export interface DatabaseStream {
  /** Of all chunks together. */
  readonly sizeBytes: number
  /** To be read once. Whoever gets a chunk owns it. */
  readonly chunks: AsyncIterable<Uint8Array>
}

/** Entries that are sized before others may run: a millisecond, or a few before it is compiled. */
const ENTRIES_PER_SLICE = 4000
/** Written before others may run: about a millisecond, too. */
const CHUNK_BYTES = 256 * 1024

const META_PAGES = 2
const FREELIST = 2
const FIRST_TREE_PAGE = 3
const TRANSACTION = 1
/** A leaf of a quarter of a page lies in the bucket's own entry. */
const INLINE_SHARE = 1 / 4

/**
 * Writes a database from front to back, in bounded memory. The entries are gone through twice:
 * where everything lies has to be known before the first page, which says where the root is.
 */
export async function writeDatabase(
  buckets: readonly BucketSource[],
  options: WriteOptions = {},
): Promise<DatabaseStream> {
  const { pageSize = PAGE_SIZE, yieldTurn = eventLoopTurn } = options
  const writer = new DatabaseWriter(pageSize, yieldTurn)
  const layout = await writer.layOut(buckets)
  return { sizeBytes: layout.meta.pageCount * pageSize, chunks: writer.chunks(layout) }
}

/** Lets others run. */
export const turn = (yieldTurn: YieldTurn): Promise<void> =>
  new Promise((resolve) => yieldTurn(resolve))

interface PlacedBucket {
  readonly source: BucketSource
  readonly plan: TreePlan
}

interface Layout {
  /** Those with a tree of their own. */
  readonly placed: readonly PlacedBucket[]
  readonly root: TreePlan
  /** The buckets, as entries. */
  readonly directory: BucketSource
  readonly meta: Meta
}

class DatabaseWriter {
  readonly #pageSize: number
  readonly #yieldTurn: YieldTurn
  #chunk: Buffer = Buffer.alloc(0)
  #used = 0
  #nextPage = 0

  constructor(pageSize: number, yieldTurn: YieldTurn) {
    this.#pageSize = pageSize
    this.#yieldTurn = yieldTurn
  }

  async layOut(buckets: readonly BucketSource[]): Promise<Layout> {
    const placed: PlacedBucket[] = []
    const values: Entry[] = []
    const root = new TreePlanner(this.#pageSize)
    let nextPage = FIRST_TREE_PAGE
    for (const source of buckets.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
      const plan = await this.#plan(source)
      let value = inlineBucket(source, plan, this.#pageSize * INLINE_SHARE)
      if (value === undefined) {
        value = bucketAt(nextPage + plan.rootPage)
        placed.push({ source, plan })
        nextPage += plan.pageCount
      }
      root.add(source.name.length, value.length)
      values.push([bytesOf(source.name), value])
    }
    const rootPlan = root.finish()
    const meta = {
      pageSize: this.#pageSize,
      root: nextPage + rootPlan.rootPage,
      freelist: FREELIST,
      pageCount: nextPage + rootPlan.pageCount,
      transaction: TRANSACTION,
    }
    const directory = orderedBucket('', values, (entry) => entry)
    return { placed, root: rootPlan, directory, meta }
  }

  async #plan(source: BucketSource): Promise<TreePlan> {
    const planner = new TreePlanner(this.#pageSize)
    const entries = source.entries()
    for (let n = 1; entries.next(); n++) {
      planner.add(entries.keySize, entries.valueSize)
      if (n % ENTRIES_PER_SLICE === 0) await turn(this.#yieldTurn)
    }
    return planner.finish()
  }

  async *chunks({ placed, root, directory, meta }: Layout): AsyncGenerator<Uint8Array> {
    this.#writeHead(meta)
    for (const { source, plan } of placed) yield* this.#tree(plan, source.entries(), 0)
    yield* this.#tree(root, directory.entries(), BUCKET_ELEMENT)
    yield this.#chunk.subarray(0, this.#used)
  }

  #writeHead(meta: Meta): void {
    this.#startChunk(0)
    for (let id = 0; id < META_PAGES; id++) {
      const at = this.#reserve(1)
      writePageHeader(this.#chunk, at, { id, flags: META_PAGE, count: 0, overflow: 0 })
      // The other one is as if it were of the transaction before.
      const transaction = meta.transaction - (id === META_PAGES - 1 ? 0 : 1)
      writeMeta(this.#chunk, at + PAGE_HEADER_BYTES, { ...meta, transaction })
    }
    const at = this.#reserve(1)
    writePageHeader(this.#chunk, at, { id: FREELIST, flags: FREELIST_PAGE, count: 0, overflow: 0 })
  }

  async *#tree(
    plan: TreePlan,
    entries: EntryCursor,
    elementFlags: number,
  ): AsyncGenerator<Uint8Array> {
    let children: ChildCursor | undefined
    for (const { counts, bytes } of plan.levels) {
      const nodes: Child[] = []
      for (let n = 0; n < counts.length; n++) {
        const pages = pagesOf(bytes[n] as number, this.#pageSize)
        if (!this.#fits(pages)) {
          yield this.#chunk.subarray(0, this.#used)
          await turn(this.#yieldTurn)
          this.#startChunk(pages)
        }
        const id = this.#nextPage
        const at = this.#reserve(pages)
        const node = { id, count: counts[n] as number, overflow: pages - 1 }
        const key =
          children === undefined
            ? writeLeaf(this.#chunk, at, node, entries, elementFlags)
            : writeBranch(this.#chunk, at, node, children)
        if (counts.length > 1) nodes.push({ key: Buffer.from(key), id })
      }
      children = new ChildCursor(nodes)
    }
  }

  #fits(pages: number): boolean {
    return this.#used + pages * this.#pageSize <= this.#chunk.length
  }

  #startChunk(pages: number): void {
    this.#chunk = Buffer.alloc(Math.max(CHUNK_BYTES, pages * this.#pageSize))
    this.#used = 0
  }

  #reserve(pages: number): number {
    const at = this.#used
    this.#used += pages * this.#pageSize
    this.#nextPage += pages
    return at
  }
}

interface Child {
  readonly key: Uint8Array
  readonly id: number
}

/** The nodes of a level, for the one above. */
class ChildCursor {
  readonly #children: readonly Child[]
  #place = 0

  constructor(children: readonly Child[]) {
    this.#children = children
  }

  next(): Child {
    return this.#children[this.#place++] as Child
  }
}

interface Node {
  readonly id: number
  readonly count: number
  readonly overflow: number
}

/** Answers a view of its first key. */
function writeLeaf(
  target: Buffer,
  at: number,
  node: Node,
  entries: EntryCursor,
  elementFlags: number,
): Uint8Array {
  writePageHeader(target, at, { ...node, flags: LEAF_PAGE })
  let element = at + PAGE_HEADER_BYTES
  let data = element + node.count * ELEMENT_BYTES
  let firstKey = target.subarray(data, data)
  for (let n = 0; n < node.count; n++) {
    entries.next()
    const { keySize, valueSize } = entries
    target.writeUInt32LE(elementFlags, element)
    target.writeUInt32LE(data - element, element + 4)
    target.writeUInt32LE(keySize, element + 8)
    target.writeUInt32LE(valueSize, element + 12)
    entries.copyTo(target, data)
    if (n === 0) firstKey = target.subarray(data, data + keySize)
    element += ELEMENT_BYTES
    data += keySize + valueSize
  }
  return firstKey
}

/** Answers its first key. */
function writeBranch(target: Buffer, at: number, node: Node, children: ChildCursor): Uint8Array {
  writePageHeader(target, at, { ...node, flags: BRANCH_PAGE })
  let element = at + PAGE_HEADER_BYTES
  let data = element + node.count * ELEMENT_BYTES
  let firstKey: Uint8Array | undefined
  for (let n = 0; n < node.count; n++) {
    const { key, id } = children.next()
    target.writeUInt32LE(data - element, element)
    target.writeUInt32LE(key.length, element + 4)
    writeUint64(target, element + 8, id)
    target.set(key, data)
    firstKey ??= key
    element += ELEMENT_BYTES
    data += key.length
  }
  return firstKey as Uint8Array
}

function bucketAt(root: number): Buffer {
  const header = Buffer.alloc(BUCKET_HEADER_BYTES)
  writeUint64(header, 0, root)
  return header
}

/** A small bucket with its only leaf; undefined: it is not that small. */
function inlineBucket(
  source: BucketSource,
  { levels }: TreePlan,
  bytesMax: number,
): Buffer | undefined {
  const [{ counts, bytes }] = levels as [TreePlan['levels'][number]]
  const [size = 0] = bytes
  const [count = 0] = counts
  if (counts.length > 1 || size > bytesMax) return undefined
  const value = Buffer.alloc(BUCKET_HEADER_BYTES + size)
  writeLeaf(value, BUCKET_HEADER_BYTES, { id: 0, count, overflow: 0 }, source.entries(), 0)
  return value
}
