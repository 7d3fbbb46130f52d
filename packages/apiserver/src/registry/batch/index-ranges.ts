type Range = readonly [first: number, last: number]

/** How many indexes a text such as `0,2-4,7` names, or what is wrong with it. */
export function parseIndexes(
  text: string,
  completions: number,
): { count: number } | { fault: string } {
  let count = 0
  let previous: number | undefined
  for (const part of text === '' ? [] : text.split(',')) {
    const range = rangeOf(part, completions)
    if (typeof range === 'string') return { fault: range }
    const [first, last] = range
    if (previous !== undefined && previous >= first) return { fault: unordered(previous, first) }
    previous = last
    count += last - first + 1
  }
  return { count }
}

/** The first index that both texts name. Parts of them that are wrong name none. */
export function overlappingIndex(
  one: string,
  other: string,
  completions: number,
): number | undefined {
  const [left, right] = [rangesOf(one, completions), rangesOf(other, completions)]
  let [i, j] = [0, 0]
  for (;;) {
    const [a, b] = [left[i], right[j]]
    if (!a || !b) return undefined
    if (a[0] <= b[1] && b[0] <= a[1]) return Math.max(a[0], b[0])
    if (a[0] <= b[0]) i++
    else j++
  }
}

const rangesOf = (text: string, completions: number): Range[] =>
  text.split(',').flatMap((part) => {
    const range = rangeOf(part, completions)
    return typeof range === 'string' ? [] : [range]
  })

/** `3` or `3-5`, else what is wrong with it. */
function rangeOf(part: string, completions: number): Range | string {
  const ends = part.split('-')
  if (ends.length > 2) {
    return `the fragment "${part}" violates the requirement that an index interval can have at most two parts separated by '-'`
  }
  const numbers: number[] = []
  for (const end of ends) {
    if (!/^\+?[0-9]+$/.test(end)) return `cannot convert string to integer for index: "${end}"`
    if (Number(end) >= completions) return `too large index: "${end}"`
    numbers.push(Number(end))
  }
  const [first = 0, last] = numbers
  if (last === undefined) return [first, first]
  return first < last ? [first, last] : unordered(first, last)
}

const unordered = (previous: number, current: number) =>
  `non-increasing order, previous: ${previous}, current: ${current}`
