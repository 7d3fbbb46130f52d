/** Lines of context around a change. */
const CONTEXT = 3
/** From this length on, lines that fill more than a hundredth of the text are no anchors. */
const POPULAR_FROM = 200

interface Match {
  readonly a: number
  readonly b: number
  readonly size: number
}

/** `[a1, a2)` becomes `[b1, b2)`; both the same lines when `same`. */
interface Step {
  readonly same: boolean
  readonly a1: number
  readonly a2: number
  readonly b1: number
  readonly b2: number
}

/**
 * The difference of two texts as hunks with three lines of context and no file names, as the real
 * server prints it in messages.
 *
 * Source: the longest-matching-block algorithm of Ratcliff and Obershelp, with the "popular line"
 * heuristic of Python's difflib, which the real server's library follows: both decide which of
 * several equally short differences is shown.
 */
export function unifiedDiff(before: string, after: string): string {
  const a = before.split('\n').map((line) => `${line}\n`)
  const b = after.split('\n').map((line) => `${line}\n`)
  let text = ''
  for (const hunk of groupSteps(stepsBetween(a, b))) {
    const first = hunk[0] as Step
    const last = hunk.at(-1) as Step
    text += `@@ -${range(first.a1, last.a2)} +${range(first.b1, last.b2)} @@\n`
    for (const { same, a1, a2, b1, b2 } of hunk) {
      if (same)
        text += a
          .slice(a1, a2)
          .map((line) => ` ${line}`)
          .join('')
      else {
        text += a
          .slice(a1, a2)
          .map((line) => `-${line}`)
          .join('')
        text += b
          .slice(b1, b2)
          .map((line) => `+${line}`)
          .join('')
      }
    }
  }
  return text
}

function range(start: number, stop: number): string {
  const length = stop - start
  if (length === 1) return `${start + 1}`
  return `${length === 0 ? start : start + 1},${length}`
}

function stepsBetween(a: readonly string[], b: readonly string[]): Step[] {
  const steps: Step[] = []
  let i = 0
  let j = 0
  for (const match of matchingBlocks(a, b)) {
    if (i < match.a || j < match.b) {
      steps.push({ same: false, a1: i, a2: match.a, b1: j, b2: match.b })
    }
    i = match.a + match.size
    j = match.b + match.size
    if (match.size > 0) steps.push({ same: true, a1: match.a, a2: i, b1: match.b, b2: j })
  }
  return steps
}

/** Hunks: changes with their context, those whose contexts touch together. */
function groupSteps(steps: readonly Step[]): Step[][] {
  const hunks: Step[][] = []
  let hunk: Step[] = []
  for (const [at, step] of steps.entries()) {
    if (!step.same) {
      hunk.push(step)
      continue
    }
    const size = step.a2 - step.a1
    const isFirst = at === 0
    const isLast = at === steps.length - 1
    const head = isFirst ? 0 : Math.min(size, CONTEXT)
    const tail = isLast ? 0 : Math.min(size, CONTEXT)
    if (!isFirst && !isLast && size <= CONTEXT * 2) {
      hunk.push(step)
      continue
    }
    if (head > 0) hunk.push({ ...step, a2: step.a1 + head, b2: step.b1 + head })
    if (hunk.some((one) => !one.same)) hunks.push(hunk)
    hunk = tail > 0 ? [{ ...step, a1: step.a2 - tail, b1: step.b2 - tail }] : []
  }
  if (hunk.some((one) => !one.same)) hunks.push(hunk)
  return hunks
}

function matchingBlocks(a: readonly string[], b: readonly string[]): Match[] {
  const positions = linePositions(b)
  const found: Match[] = []
  const queue = [{ a1: 0, a2: a.length, b1: 0, b2: b.length }]
  for (let part = queue.pop(); part; part = queue.pop()) {
    const match = longestMatch(a, b, positions, part)
    if (match.size === 0) continue
    found.push(match)
    queue.push({ a1: part.a1, a2: match.a, b1: part.b1, b2: match.b })
    queue.push({ a1: match.a + match.size, a2: part.a2, b1: match.b + match.size, b2: part.b2 })
  }
  found.sort((x, y) => x.a - y.a || x.b - y.b)
  return [...found, { a: a.length, b: b.length, size: 0 }]
}

function linePositions(lines: readonly string[]): Map<string, number[]> {
  const positions = new Map<string, number[]>()
  for (const [at, line] of lines.entries()) {
    const known = positions.get(line)
    if (known) known.push(at)
    else positions.set(line, [at])
  }
  if (lines.length < POPULAR_FROM) return positions
  const most = Math.floor(lines.length / 100) + 1
  for (const [line, at] of positions) if (at.length > most) positions.delete(line)
  return positions
}

interface Part {
  readonly a1: number
  readonly a2: number
  readonly b1: number
  readonly b2: number
}

function longestMatch(
  a: readonly string[],
  b: readonly string[],
  positions: ReadonlyMap<string, readonly number[]>,
  { a1, a2, b1, b2 }: Part,
): Match {
  let best = { a: a1, b: b1, size: 0 }
  // lengths.get(j): how long the common run is that ends at line j of b and the current line of a.
  let lengths = new Map<number, number>()
  for (let i = a1; i < a2; i++) {
    const next = new Map<number, number>()
    for (const j of positions.get(a[i] as string) ?? []) {
      if (j < b1) continue
      if (j >= b2) break
      const size = (lengths.get(j - 1) ?? 0) + 1
      next.set(j, size)
      if (size > best.size) best = { a: i - size + 1, b: j - size + 1, size }
    }
    lengths = next
  }
  return extend(a, b, best, { a1, a2, b1, b2 })
}

/** Popular lines anchor nothing, but a run may grow over them. */
function extend(a: readonly string[], b: readonly string[], found: Match, part: Part): Match {
  let { a: i, b: j, size } = found
  while (i > part.a1 && j > part.b1 && a[i - 1] === b[j - 1]) {
    i--
    j--
    size++
  }
  while (i + size < part.a2 && j + size < part.b2 && a[i + size] === b[j + size]) size++
  return { a: i, b: j, size }
}
