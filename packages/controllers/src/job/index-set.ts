/** Completion indexes, written in the status as `0,2-4,7`. */
export function parseIndexSet(text: string | undefined): Set<number> {
  const indexes = new Set<number>()
  for (const part of (text ?? '').split(',')) {
    const range = /^(\d+)(?:-(\d+))?$/.exec(part)
    if (range === null) continue
    const first = Number(range[1])
    const last = Number(range[2] ?? range[1])
    for (let index = first; index <= last; index++) indexes.add(index)
  }
  return indexes
}

export function formatIndexSet(indexes: Iterable<number>): string {
  const sorted = [...indexes].sort((a, b) => a - b)
  const parts: string[] = []
  for (let start = 0; start < sorted.length; ) {
    let end = start
    while (sorted[end + 1] === (sorted[end] ?? 0) + 1) end++
    parts.push(rangeText(sorted[start] ?? 0, sorted[end] ?? 0))
    start = end + 1
  }
  return parts.join(',')
}

/** Two neighbours are listed, not joined. */
const rangeText = (first: number, last: number): string =>
  first === last ? `${first}` : last === first + 1 ? `${first},${last}` : `${first}-${last}`
