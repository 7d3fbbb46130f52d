import { parseQuantity } from '@miniplane/api'
import { CommandError } from '../errors/errors.js'
import { JsonPath } from '../jsonpath/evaluate.js'
import { relaxedPath } from './custom-columns.js'

/**
 * Sorts by a field (`--sort-by`), those without it first. `found` is false when no item has it.
 */
export function sortByField<T>(
  items: readonly T[],
  field: string,
  objectOf: (item: T) => unknown,
): { sorted: T[]; found: boolean } {
  const path = new JsonPath(relaxedPath(field), { allowMissingKeys: true })
  const keyed = items.map((item) => ({ item, key: path.find(objectOf(item)).flat()[0] }))
  const found = keyed.some(({ key }) => key !== undefined)
  const sorted = [...keyed].sort((a, b) => compareKeys(a.key, b.key))
  return { sorted: sorted.map(({ item }) => item), found }
}

function compareKeys(a: unknown, b: unknown): number {
  if (a === undefined || a === null) return b === undefined || b === null ? 0 : -1
  if (b === undefined || b === null) return 1
  if (typeof a === 'number' && typeof b === 'number') return a - b
  if (typeof a === 'string' && typeof b === 'string') return compareTexts(a, b)
  if (typeof a === typeof b && typeof a === 'boolean') return Number(a) - Number(b)
  throw new CommandError(`unsortable type: ${typeof a}`)
}

const QUANTITY = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+|[numkMGTPE]|[KMGTPE]i)?$/

/** Quantities by their amount, numbers inside names by their value, the rest letter by letter. */
function compareTexts(a: string, b: string): number {
  if (QUANTITY.test(a) && QUANTITY.test(b)) return parseQuantity(a).compare(parseQuantity(b))
  return naturalCompare(a, b)
}

function naturalCompare(a: string, b: string): number {
  const chunks = /(\d+|\D+)/g
  const left = a.match(chunks) ?? []
  const right = b.match(chunks) ?? []
  for (let i = 0; i < Math.min(left.length, right.length); i++) {
    const [l = '', r = ''] = [left[i], right[i]]
    if (l === r) continue
    if (/^\d/.test(l) && /^\d/.test(r) && Number(l) !== Number(r)) return Number(l) - Number(r)
    return l < r ? -1 : 1
  }
  return left.length - right.length
}
