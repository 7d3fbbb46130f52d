import { encodeJsonText } from '../json/encode.js'
import { parseEncodedJson } from '../json/parse.js'
import { goQuote } from '../machinery/go-quote.js'

/** One step from a value to a part of it. */
export type PathElement =
  | { readonly kind: 'field'; readonly name: string }
  /** The list item with these key fields; sorted by the fields' names. */
  | { readonly kind: 'key'; readonly fields: readonly (readonly [string, unknown])[] }
  /** The set's item with this value. */
  | { readonly kind: 'value'; readonly value: unknown }
  | { readonly kind: 'index'; readonly index: number }

/** The text of a field set that is none. */
export class FieldsFormatError extends Error {
  override readonly name = 'FieldsFormatError'
}

/** As it stands in `fieldsV1`: `f:name`, `k:{"name":"web"}`, `v:"x"`, `i:0`. */
export function elementKey(element: PathElement): string {
  switch (element.kind) {
    case 'field':
      return `f:${element.name}`
    case 'key':
      return keyOfFields(element.fields)
    case 'value':
      return `v:${encodeJsonText(element.value)}`
    case 'index':
      return `i:${element.index}`
  }
}

/** `fields` must be sorted by name. */
export function keyOfFields(fields: readonly (readonly [string, unknown])[]): string {
  let text = 'k:{'
  for (let i = 0; i < fields.length; i++) {
    const [name, value] = fields[i] as readonly [string, unknown]
    text += `${i > 0 ? ',' : ''}${encodeJsonText(name)}:${encodeJsonText(value)}`
  }
  return `${text}}`
}

/**
 * The reverse of `elementKey`; undefined for kinds of elements that are not known (a later server
 * may have written them). Throws `FieldsFormatError`.
 */
export function parseElement(key: string): PathElement | undefined {
  if (key.length < 2) throw new FieldsFormatError('key must be 2 characters long:')
  if (key[1] !== ':') throw new FieldsFormatError(`missing colon: ${key}`)
  const rest = key.slice(2)
  switch (key[0]) {
    case 'f':
      return { kind: 'field', name: rest }
    case 'k':
      return { kind: 'key', fields: keyFields(parseJson(rest)) }
    case 'v':
      return { kind: 'value', value: parseJson(rest) }
    case 'i':
      if (!/^[+-]?\d+$/.test(rest))
        throw new FieldsFormatError(`strconv.Atoi: parsing ${goQuote(rest)}: invalid syntax`)
      return { kind: 'index', index: Number(rest) }
    default:
      return undefined
  }
}

function parseJson(text: string): unknown {
  try {
    return parseEncodedJson(text)
  } catch (error) {
    throw new FieldsFormatError(`parsing key as path element: ${text}`, { cause: error })
  }
}

function keyFields(value: unknown): readonly (readonly [string, unknown])[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new FieldsFormatError(`parsing key as path element: ${encodeJsonText(value)}`)
  return Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
}

/** Fields before keys before values before indices; each kind in its natural order. */
export function compareElements(a: PathElement, b: PathElement): number {
  if (a.kind === 'field' && b.kind === 'field') return compareText(a.name, b.name)
  if (a.kind === 'key' && b.kind === 'key') return compareFieldLists(a.fields, b.fields)
  if (a.kind === 'value' && b.kind === 'value') return compareValues(a.value, b.value)
  if (a.kind === 'index' && b.kind === 'index') return a.index - b.index
  return KINDS.indexOf(a.kind) - KINDS.indexOf(b.kind)
}

const KINDS: readonly PathElement['kind'][] = ['field', 'key', 'value', 'index']

const compareText = (a: string, b: string) => (a === b ? 0 : a < b ? -1 : 1)

function compareFieldLists(
  a: readonly (readonly [string, unknown])[],
  b: readonly (readonly [string, unknown])[],
): number {
  for (let i = 0; i < a.length && i < b.length; i++) {
    const [nameA, valueA] = a[i] as readonly [string, unknown]
    const [nameB, valueB] = b[i] as readonly [string, unknown]
    const order = compareText(nameA, nameB) || compareValues(valueA, valueB)
    if (order !== 0) return order
  }
  return a.length - b.length
}

/** Numbers before strings before booleans; the rest, which no key has, by its text. */
function compareValues(a: unknown, b: unknown): number {
  const order = rank(a) - rank(b)
  if (order !== 0) return order
  if (typeof a === 'number' || typeof a === 'bigint')
    return a < (b as number) ? -1 : Number(a > (b as number))
  if (typeof a === 'string') return compareText(a, b as string)
  if (typeof a === 'boolean') return Number(a) - Number(b)
  return compareText(JSON.stringify(a), JSON.stringify(b))
}

const RANKS = ['number', 'string', 'boolean']

function rank(value: unknown): number {
  const index = RANKS.indexOf(typeof value === 'bigint' ? 'number' : typeof value)
  if (index >= 0) return index
  if (Array.isArray(value)) return 3
  return value === null ? 5 : 4
}

/** `.spec.containers[name="web"].image`, `.metadata.finalizers[="a"]`. */
export function formatPath(path: readonly PathElement[]): string {
  return path.map(formatElement).join('')
}

export function formatElement(element: PathElement): string {
  switch (element.kind) {
    case 'field':
      return `.${element.name}`
    case 'key':
      return `[${element.fields.map(([name, value]) => `${name}=${formatValue(value)}`).join(',')}]`
    case 'value':
      return `[=${formatValue(element.value)}]`
    case 'index':
      return `[${element.index}]`
  }
}

/** Keys are plain values; of others the real server says this. */
function formatValue(value: unknown): string {
  if (typeof value === 'string') return goQuote(value)
  if (Array.isArray(value)) return `[${value.map(formatValue).join(',')}]`
  if (typeof value !== 'object' || value === null) return String(value)
  return Object.entries(value)
    .map(([name, each]) => `${name}=${formatValue(each)}`)
    .sort()
    .join('')
}
