/** One of the media types that a client would take. */
export interface MediaClause {
  readonly type: string
  readonly subtype: string
  /** All but `q`. */
  readonly parameters: ReadonlyMap<string, string>
  readonly quality: number
}

const NO_PARAMETERS: ReadonlyMap<string, string> = new Map()

/**
 * An Accept header's clauses, the most wanted first. What is no media type is left out, and so are
 * parameters without a value. The order is that of the library behind the real server, where the
 * more specific of two neighbours comes first even when its quality is lower.
 */
export function parseAccept(header: string): MediaClause[] {
  const clauses: MediaClause[] = []
  for (const part of header.split(',')) {
    const clause = parseClause(part)
    if (!clause) continue
    let at = clauses.length
    // Insertion, since such an order is none that a general sort could work with.
    while (at > 0 && isBefore(clause, clauses[at - 1] as MediaClause)) at--
    clauses.splice(at, 0, clause)
  }
  return clauses
}

function parseClause(part: string): MediaClause | undefined {
  const [range = '', ...rest] = part.split(';')
  const [type = '', subtype = '', ...more] = range.split('/').map((text) => text.trim())
  if (more.length > 0 || (subtype === '' && type !== '*')) return undefined
  if (rest.length === 0)
    return { type, subtype: subtype || '*', parameters: NO_PARAMETERS, quality: 1 }
  const parameters = new Map<string, string>()
  let quality = 1
  for (const pair of rest) {
    const [name = '', value = '', ...beyond] = pair.split('=')
    if (value === '' || beyond.length > 0) continue
    if (name.trim() === 'q') quality = Number.parseFloat(value) || 0
    else parameters.set(name.trim(), value.trim())
  }
  return { type, subtype: subtype || '*', parameters, quality }
}

function isBefore(a: MediaClause, b: MediaClause): boolean {
  if (a.quality > b.quality) return true
  if (a.type !== '*' && b.type === '*') return true
  return a.subtype !== '*' && b.subtype === '*'
}
