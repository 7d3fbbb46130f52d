import { strictErrorsMax } from '../limits.js'
import { scanJson } from './scan.js'

/**
 * What strict decoding complains of, in the order in which it stands in the body, as the real
 * server lists it: `unknown` and `duplicates` are paths. Nothing inside an unknown field counts.
 */
export function strictDecodingErrors(
  body: Uint8Array | string,
  unknown: readonly string[],
  duplicates: readonly string[],
): string[] {
  const unknownPaths = new Set(unknown)
  const known = duplicates.filter((path) => !isWithin(path, unknownPaths))
  const errors = [
    ...unknown.map((path) => ({ path, text: `unknown field "${path}"` })),
    ...known.map((path) => ({ path, text: `duplicate field "${path}"` })),
  ]
  if (errors.length > 1) {
    const bytes = typeof body === 'string' ? new TextEncoder().encode(body) : body
    const { keyOffsets } = scanJson(bytes)
    const offsetOf = ({ path }: { path: string }) => keyOffsets.get(path) ?? 0
    errors.sort((a, b) => offsetOf(a) - offsetOf(b))
  }
  return errors.slice(0, strictErrorsMax).map(({ text }) => text)
}

function isWithin(path: string, outer: ReadonlySet<string>): boolean {
  if (outer.has(path)) return true
  for (let end = path.length - 1; end > 0; end--)
    if ((path[end] === '.' || path[end] === '[') && outer.has(path.slice(0, end))) return true
  return false
}
