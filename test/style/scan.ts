/** What to blank out. Blanks keep every line and column where it is. */
export interface Blanked {
  readonly comments?: boolean
  readonly strings?: boolean
}

type Mode = { readonly kind: 'code'; braces: number } | { readonly kind: 'template' }

/** After one of these, `/` begins a regular expression and not a division. */
const BEFORE_REGEXP = /(^|[(,=:[!&|?{};+\-*%<>~^]|\b(return|typeof|case|in|of|yield|await))\s*$/

/**
 * The text with comments, strings (also the text of templates and regular expressions), or both
 * replaced by spaces, so that a rule finds code alone. A scanner and not a parser: enough for
 * formatted TypeScript, and checked by its test.
 */
export function blank(text: string, { comments = false, strings = false }: Blanked): string {
  const out: string[] = []
  const modes: Mode[] = [{ kind: 'code', braces: 0 }]
  let at = 0
  const take = (end: number, hide: boolean) => {
    const piece = text.slice(at, end)
    out.push(hide ? piece.replace(/[^\n]/g, ' ') : piece)
    at = end
  }
  while (at < text.length) {
    const mode = modes.at(-1)
    if (mode?.kind === 'template') {
      take(endOfTemplateText(text, at), strings)
      if (text.startsWith('${', at)) {
        take(at + 2, false)
        modes.push({ kind: 'code', braces: 0 })
      } else {
        take(at + 1, false)
        modes.pop()
      }
      continue
    }
    const character = text[at]
    if (text.startsWith('//', at)) take(endOr(text.indexOf('\n', at), text), comments)
    else if (text.startsWith('/*', at)) take(endOr(text.indexOf('*/', at) + 2, text, 2), comments)
    else if (character === "'" || character === '"') {
      take(at + 1, false)
      take(endOfLiteral(text, at, character), strings)
      take(at + 1, false)
    } else if (character === '`') {
      take(at + 1, false)
      modes.push({ kind: 'template' })
    } else if (character === '/' && BEFORE_REGEXP.test(text.slice(Math.max(0, at - 40), at))) {
      take(at + 1, false)
      take(endOfRegExp(text, at), strings)
      take(at + 1, false)
    } else if (
      character === '}' &&
      mode?.kind === 'code' &&
      mode.braces === 0 &&
      modes.length > 1
    ) {
      take(at + 1, false)
      modes.pop()
    } else {
      if (mode?.kind === 'code' && character === '{') mode.braces++
      if (mode?.kind === 'code' && character === '}') mode.braces--
      take(at + 1, false)
    }
  }
  return out.join('')
}

function endOr(found: number, text: string, missing = 0): number {
  return found === missing - 1 ? text.length : found
}

function endOfLiteral(text: string, from: number, quote: string): number {
  let at = from
  while (at < text.length && text[at] !== quote && text[at] !== '\n')
    at += text[at] === '\\' ? 2 : 1
  return at
}

function endOfTemplateText(text: string, from: number): number {
  let at = from
  while (at < text.length && text[at] !== '`' && !text.startsWith('${', at))
    at += text[at] === '\\' ? 2 : 1
  return at
}

function endOfRegExp(text: string, from: number): number {
  let at = from
  let inClass = false
  while (at < text.length && text[at] !== '\n' && (inClass || text[at] !== '/')) {
    if (text[at] === '[') inClass = true
    if (text[at] === ']') inClass = false
    at += text[at] === '\\' ? 2 : 1
  }
  return at
}
