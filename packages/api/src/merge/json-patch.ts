import { deepCopy, isEqual, setOwn } from '../json/equality.js'

/** One operation of a JSON patch (RFC 6902 §4), as it came from outside. */
export interface PatchOperation {
  readonly op?: unknown
  readonly path?: unknown
  readonly from?: unknown
  readonly value?: unknown
}

/** An operation that can't be applied; nothing of the patch counts then. */
export class JsonPatchError extends Error {
  override readonly name = 'JsonPatchError'
}

type Container = Record<string, unknown> | unknown[]

/**
 * Applies the operations in order to a copy of `document`.
 *
 * As the real server's library does it, and not as the RFC says: `replace` of a member that is not
 * there adds it, a path without its leading slash loses its first part, and only `replace` and
 * `test` speak of the document as a whole.
 */
export function applyJsonPatch(
  document: unknown,
  operations: readonly (PatchOperation | null)[],
): unknown {
  const root = { document: deepCopy(document) }
  for (const operation of operations) applyOne(root, operation)
  return root.document
}

interface Root {
  document: unknown
}

function applyOne(root: Root, operation: PatchOperation | null): void {
  if (operation === null) throw new JsonPatchError('no operation')
  const path = pointerOf(operation.path)
  switch (operation.op) {
    case 'add':
      add(root, path, deepCopy(operation.value ?? null))
      return
    case 'remove':
      remove(root, path)
      return
    case 'replace':
      replace(root, path, deepCopy(operation.value ?? null))
      return
    case 'move': {
      const from = pointerOf(operation.from)
      // A member that is not there is found out when it is to be removed.
      const moved = find(root, from)
      remove(root, from)
      add(root, path, moved)
      return
    }
    case 'copy':
      add(root, path, deepCopy(find(root, pointerOf(operation.from))))
      return
    case 'test':
      test(root, path, operation.value ?? null)
      return
    default:
      throw new JsonPatchError(`unexpected kind: ${String(operation.op)}`)
  }
}

/** RFC 6901 §3 and §4: unescaped tokens. */
function pointerOf(path: unknown): string[] {
  if (typeof path !== 'string') throw new JsonPatchError('an operation has no path')
  if (path === '') return []
  return path
    .split('/')
    .slice(1)
    .map((token) => token.replaceAll('~1', '/').replaceAll('~0', '~'))
}

function add(root: Root, path: readonly string[], value: unknown): void {
  const leaf = path.at(-1)
  if (leaf === undefined) throw new JsonPatchError('nothing can be added as the whole document')
  const container = containerOf(root, path)
  if (!Array.isArray(container)) setOwn(container, leaf, value)
  else if (leaf === '-') container.push(value)
  else container.splice(indexOf(leaf, container.length), 0, value)
}

function remove(root: Root, path: readonly string[]): void {
  const leaf = path.at(-1)
  if (leaf === undefined) throw new JsonPatchError('the whole document cannot be removed')
  const container = containerOf(root, path)
  if (Array.isArray(container)) {
    const index = indexOf(leaf, container.length - 1)
    container.splice(index, 1)
  } else if (Object.hasOwn(container, leaf)) delete container[leaf]
  else throw new JsonPatchError(`no member ${leaf}`)
}

function replace(root: Root, path: readonly string[], value: unknown): void {
  const leaf = path.at(-1)
  if (leaf === undefined) {
    if (typeof value !== 'object' || value === null)
      throw new JsonPatchError('a document is an object or a list')
    root.document = value
    return
  }
  const container = containerOf(root, path)
  if (Array.isArray(container)) container[indexOf(leaf, container.length - 1)] = value
  else setOwn(container, leaf, value)
}

function test(root: Root, path: readonly string[], expected: unknown): void {
  const actual = lookUp(root, path)
  if (!isEqual(actual ?? null, expected))
    throw new JsonPatchError(`testing value /${path.join('/')} failed`)
}

/** The value at `path`; a member that its object does not have is null. */
function find(root: Root, path: readonly string[]): unknown {
  if (path.length === 0) throw new JsonPatchError('the whole document cannot be copied')
  return lookUp(root, path) ?? null
}

function lookUp(root: Root, path: readonly string[]): unknown {
  const leaf = path.at(-1)
  if (leaf === undefined) return root.document
  const container = containerOf(root, path)
  if (Array.isArray(container)) return container[indexOf(leaf, container.length - 1)]
  return Object.hasOwn(container, leaf) ? container[leaf] : undefined
}

/** The object or list that holds the last part of `path`. */
function containerOf(root: Root, path: readonly string[]): Container {
  let value = root.document
  for (const token of path.slice(0, -1)) {
    if (Array.isArray(value)) value = value[indexOf(token, value.length - 1)]
    else if (isObject(value) && Object.hasOwn(value, token)) value = value[token]
    else throw new JsonPatchError(`missing path /${path.join('/')}`)
  }
  if (Array.isArray(value) || isObject(value)) return value
  throw new JsonPatchError(`missing path /${path.join('/')}`)
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** A position in a list, within bounds; -1 counts from the end. */
function indexOf(token: string, max: number): number {
  const number = Number(token)
  const index = number < 0 ? max + 1 + number : number
  if (!/^[+-]?\d+$/.test(token) || index < 0 || index > max)
    throw new JsonPatchError(`invalid array index ${token}`)
  return index
}
