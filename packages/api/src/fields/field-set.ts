import {
  compareElements,
  elementKey,
  FieldsFormatError,
  type PathElement,
  parseElement,
} from './path-element.js'

export type FieldPath = readonly PathElement[]

/**
 * An immutable set of field paths: a trie whose edges are path elements in their `fieldsV1`
 * spelling. Immutable, so sets share subtrees, and every operation gives back its operand (`===`)
 * when it changes nothing.
 *
 * A parent is not in the set because its parts are: `{"f:data":{"f:k":{}}}` holds `.data.k` alone,
 * `{"f:data":{".":{},"f:k":{}}}` holds `.data` too.
 */
export class FieldSet {
  static readonly empty = new FieldSet(false, new Map())
  /** The node of a path that is in the set and has nothing below it. */
  static readonly leaf = new FieldSet(true, new Map())

  /** Whether the path that leads here is in the set. Never so for the root. */
  readonly isMember: boolean
  /** By `elementKey`. No child is empty. */
  readonly children: ReadonlyMap<string, FieldSet>

  private constructor(isMember: boolean, children: ReadonlyMap<string, FieldSet>) {
    this.isMember = isMember
    this.children = children
  }

  /** Takes the map over: nobody may change it afterwards. */
  static of(children: ReadonlyMap<string, FieldSet> | undefined, isMember = false): FieldSet {
    if (!children || children.size === 0) return isMember ? FieldSet.leaf : FieldSet.empty
    return new FieldSet(isMember, children)
  }

  static fromPaths(paths: Iterable<FieldPath>): FieldSet {
    return pathsNode([...paths], 0)
  }

  /**
   * Reads `fieldsV1`. Elements of kinds that are not known are left out, with all below them.
   * Throws `FieldsFormatError`.
   */
  static fromFieldsV1(value: unknown): FieldSet {
    const node = readNode(value)
    return node.isMember ? FieldSet.of(node.children) : node
  }

  /**
   * `fieldsV1` in the order in which the real server writes it: `.` first, then by element. The
   * leaves share one frozen object.
   */
  toFieldsV1(): Record<string, unknown> {
    return writeNode(this, false)
  }

  /**
   * Sets of one signature are equal. Equal sets have the same one when they were made the same way,
   * as those of objects from one template are: so their written form can be shared before it is
   * written, which costs several times as much.
   */
  signature(): string {
    if (this.children.size === 0) return this.isMember ? '.' : ''
    let text = this.isMember ? '.(' : '('
    for (const [key, child] of this.children) text += `${key.length}:${key}${child.signature()}`
    return `${text})`
  }

  get isEmpty(): boolean {
    return !this.isMember && this.children.size === 0
  }

  has(path: FieldPath): boolean {
    return path.length > 0 && nodeAt(this, path)?.isMember === true
  }

  equals(other: FieldSet): boolean {
    if (this === other) return true
    if (this.isMember !== other.isMember || this.children.size !== other.children.size) return false
    for (const [key, child] of this.children) {
      const match = other.children.get(key)
      if (!match || !child.equals(match)) return false
    }
    return true
  }

  union(other: FieldSet): FieldSet {
    if (this === other || other.isEmpty) return this
    if (this.isEmpty) return other
    let children: Map<string, FieldSet> | undefined
    for (const [key, theirs] of other.children) {
      const ours = this.children.get(key)
      const merged = ours ? ours.union(theirs) : theirs
      if (merged === ours) continue
      children ??= new Map(this.children)
      children.set(key, merged)
    }
    const isMember = this.isMember || other.isMember
    if (!children && isMember === this.isMember) return this
    return FieldSet.of(children ?? this.children, isMember)
  }

  intersection(other: FieldSet): FieldSet {
    if (this === other) return this
    let isSame = true
    const children = new Map<string, FieldSet>()
    for (const [key, ours] of this.children) {
      const theirs = other.children.get(key)
      const both = theirs ? ours.intersection(theirs) : FieldSet.empty
      if (both !== ours) isSame = false
      if (!both.isEmpty) children.set(key, both)
    }
    const isMember = this.isMember && other.isMember
    return isSame && isMember === this.isMember ? this : FieldSet.of(children, isMember)
  }

  /** The paths that the other doesn't hold; what is below a path of the other's stays. */
  difference(other: FieldSet): FieldSet {
    return minus(this, other, false)
  }

  /** Without the other's paths and everything below them. */
  recursiveDifference(other: FieldSet): FieldSet {
    return minus(this, other, true)
  }

  /** Only the paths that have no longer ones in the set. */
  leaves(): FieldSet {
    if (this.children.size === 0) return this
    const children = new Map<string, FieldSet>()
    for (const [key, child] of this.children) children.set(key, child.leaves())
    return FieldSet.of(children)
  }

  /** Every path; in each node first its own members, then what is below them, both in order. */
  *paths(prefix: FieldPath = []): Generator<FieldPath> {
    const entries = sortedKeys(this).map((key) => {
      return { path: [...prefix, known(key)], node: child(this, key) }
    })
    for (const { path, node } of entries) if (node.isMember) yield path
    for (const { path, node } of entries) yield* node.paths(path)
  }
}

function minus(ours: FieldSet, theirs: FieldSet, isRecursive: boolean): FieldSet {
  let children: Map<string, FieldSet> | undefined
  // The smaller side decides which elements the two can share.
  const fewer = theirs.children.size < ours.children.size ? theirs : ours
  for (const key of fewer.children.keys()) {
    const our = ours.children.get(key)
    const their = theirs.children.get(key)
    if (!our || !their) continue
    const rest = isRecursive && their.isMember ? FieldSet.empty : minus(our, their, isRecursive)
    if (rest === our) continue
    children ??= new Map(ours.children)
    if (rest.isEmpty) children.delete(key)
    else children.set(key, rest)
  }
  const isMember = ours.isMember && !theirs.isMember
  if (!children && isMember === ours.isMember) return ours
  return FieldSet.of(children ?? ours.children, isMember)
}

function nodeAt(root: FieldSet, path: FieldPath): FieldSet | undefined {
  let node: FieldSet | undefined = root
  for (const element of path) node = node?.children.get(elementKey(element))
  return node
}

/** The node of paths that are the same up to `depth`. */
function pathsNode(paths: readonly FieldPath[], depth: number): FieldSet {
  const byKey = new Map<string, FieldPath[]>()
  for (const path of paths) {
    const element = path[depth]
    if (!element) continue
    const key = elementKey(element)
    const alike = byKey.get(key)
    if (alike) alike.push(path)
    else byKey.set(key, [path])
  }
  const children = new Map<string, FieldSet>()
  for (const [key, alike] of byKey) children.set(key, pathsNode(alike, depth + 1))
  return FieldSet.of(children, depth > 0 && paths.some((path) => path.length === depth))
}

function readNode(value: unknown): FieldSet {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new FieldsFormatError(`expected a map of fields, got ${JSON.stringify(value)}`)
  let isMember = false
  const children = new Map<string, FieldSet>()
  for (const key of Object.keys(value)) {
    if (key === '.') {
      isMember = true
      continue
    }
    const canonical = canonicalKey(key)
    if (canonical === undefined) continue
    const child = readNode((value as Record<string, unknown>)[key])
    const known = children.get(canonical)
    children.set(canonical, known ? known.union(child) : child)
  }
  return FieldSet.of(children, isMember || children.size === 0)
}

/** Undefined for kinds of elements that are not known. */
function canonicalKey(key: string): string | undefined {
  // Fields are most of all, and have one spelling.
  if (key.charCodeAt(0) === LETTER_F && key.charCodeAt(1) === COLON) return key
  const element = parseElement(key)
  return element && elementKey(element)
}

const LETTER_F = 0x66
const COLON = 0x3a

/** One for all leaves: there are dozens in each object. */
const LEAF_FIELDS: Readonly<Record<string, unknown>> = Object.freeze({})

function writeNode(node: FieldSet, isNested: boolean): Record<string, unknown> {
  if (node.children.size === 0) return isNested ? LEAF_FIELDS : {}
  const fields: Record<string, unknown> = {}
  if (isNested && node.isMember) fields['.'] = LEAF_FIELDS
  for (const key of sortedKeys(node)) fields[key] = writeNode(child(node, key), true)
  return fields
}

const child = (node: FieldSet, key: string) => node.children.get(key) as FieldSet

function sortedKeys(node: FieldSet): readonly string[] {
  const keys = [...node.children.keys()]
  if (keys.length === 1) return keys
  // Fields' keys order as their names do; to read the others is dearer.
  if (keys.every(isFieldKey)) return keys.sort()
  const parsed = keys.map((key) => ({ key, element: known(key) }))
  return parsed.sort((a, b) => compareElements(a.element, b.element)).map(({ key }) => key)
}

const isFieldKey = (key: string) => key.charCodeAt(0) === LETTER_F

function known(key: string): PathElement {
  const element = parseElement(key)
  if (!element) throw new FieldsFormatError(`unknown path element type: ${key}`)
  return element
}
