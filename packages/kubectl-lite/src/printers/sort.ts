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

/** Digits stand before everything else, and a run of them is a number. */
function naturalCompare(a: string, b: string): number {
  let [i, j] = [0, 0]
  while (i < a.length && j < b.length) {
    const [left, right] = [digitsAt(a, i), digitsAt(b, j)]
    if (left === '' || right === '') {
      if (left !== right) return left === '' ? 1 : -1
      if (a[i] !== b[j]) return (a[i] ?? '') < (b[j] ?? '') ? -1 : 1
      i++
      j++
      continue
    }
    const order = compareDigits(left, right)
    if (order !== 0) return order
    i += left.length
    j += right.length
  }
  return a.length - i - (b.length - j)
}

const digitsAt = (text: string, at: number): string => /^\d*/.exec(text.slice(at))?.[0] ?? ''

function compareDigits(a: string, b: string): number {
  const [left, right] = [a.replace(/^0+/, ''), b.replace(/^0+/, '')]
  if (left.length !== right.length) return left.length - right.length
  if (left !== right) return left < right ? -1 : 1
  return a.length - b.length
}
