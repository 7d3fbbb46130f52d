import { type FileSystem, join, resolvePath } from '../file-system.js'
import { ProgramError } from '../process.js'

/** Characters of a pattern times those of a text: more would keep everybody else waiting. */
const WORK_MAX = 10_000_000

/** Whether a text is of a shell's pattern (`*`, `?`, `[a-z]`). At worst, each is read for each of the other. */
export function matchesPattern(pattern: string, text: string): boolean {
  if (pattern.length * text.length > WORK_MAX) throw new ProgramError('too long for a pattern', 2)
  let [at, pos, star, mark] = [0, 0, -1, 0]
  while (pos < text.length) {
    const step = pattern[at] === '*' ? undefined : matchOne(pattern, at, text[pos] as string)
    if (pattern[at] === '*') {
      star = at++
      mark = pos
    } else if (step !== undefined) {
      at += step
      pos++
    } else if (star >= 0) {
      at = star + 1
      pos = ++mark
    } else return false
  }
  while (pattern[at] === '*') at++
  return at === pattern.length
}

/** How long the piece of the pattern is that a character matches; undefined: it does not. */
function matchOne(pattern: string, at: number, char: string): number | undefined {
  const piece = pattern[at]
  if (piece === '?') return 1
  if (piece === '\\') return pattern[at + 1] === char ? 2 : undefined
  if (piece !== '[') return piece === char ? 1 : undefined
  const end = pattern.indexOf(']', at + 2)
  if (end < 0) return char === '[' ? 1 : undefined
  const isNot = pattern[at + 1] === '!' || pattern[at + 1] === '^'
  let isIn = false
  for (let i = at + (isNot ? 2 : 1); i < end; i++) {
    const isRange = pattern[i + 1] === '-' && i + 2 < end
    const last = isRange ? (pattern[i + 2] as string) : (pattern[i] as string)
    if (char >= (pattern[i] as string) && char <= last) isIn = true
    if (isRange) i += 2
  }
  return isIn === isNot ? undefined : end + 1 - at
}

/** The paths that a pattern names, in order; none: the pattern stands for itself. */
export function matchPaths(pattern: string, directory: string, files: FileSystem): string[] {
  const segments = pattern.split('/')
  const isAbsolute = segments[0] === ''
  let found = isAbsolute ? ['/'] : ['']
  for (const segment of segments.slice(isAbsolute ? 1 : 0)) {
    if (segment === '') continue
    found = found.flatMap((path) => {
      const folder = resolvePath(directory, path)
      return files
        .list(folder)
        .filter((name) => matchesPattern(segment, name) && (name[0] !== '.' || segment[0] === '.'))
        .map((name) => (path === '' ? name : join(path, name)))
    })
  }
  return found
}
