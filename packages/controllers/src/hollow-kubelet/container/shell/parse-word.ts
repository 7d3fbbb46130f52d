import { type List, ShellSyntaxError, type Word, type WordPart } from './syntax.js'

/** Where in a script the reading is. */
export interface Cursor {
  readonly text: string
  at: number
}

/** Ends a word that is not quoted. */
const END_OF_WORD = /[\s;&|<>()]/
const NAME = /[A-Za-z_][A-Za-z0-9_]*/y
const SPECIAL = /[?$#@*!0-9-]/
const OPERATORS = [':-', ':=', ':+', ':?', '##', '%%', '-', '=', '+', '?', '#', '%']

/** Reads a script up to `)`; given by the parser of commands, which begins where words end. */
export type ParseScript = (cursor: Cursor) => List

/** Reads one word. An empty one is no word: undefined. */
export function parseWord(cursor: Cursor, parseScript: ParseScript): Word | undefined {
  const parts: WordPart[] = []
  const start = cursor.at
  while (cursor.at < cursor.text.length) {
    const char = cursor.text[cursor.at] as string
    if (END_OF_WORD.test(char)) break
    if (char === "'") parts.push(singleQuoted(cursor))
    else if (char === '"') parts.push(...doubleQuoted(cursor, parseScript))
    else parts.push(unquoted(cursor, parseScript))
  }
  return cursor.at === start ? undefined : parts
}

/** Text in which only `$` and backquotes mean something: what stands between `<<` and its end. */
export function parseText(text: string, parseScript: ParseScript): Word {
  const cursor = { text, at: 0 }
  return quotedParts(cursor, '', parseScript)
}

function singleQuoted(cursor: Cursor): WordPart {
  const end = cursor.text.indexOf("'", cursor.at + 1)
  if (end < 0) throw new ShellSyntaxError('unterminated quoted string', true)
  const text = cursor.text.slice(cursor.at + 1, end)
  cursor.at = end + 1
  return { kind: 'text', text, isQuoted: true }
}

function doubleQuoted(cursor: Cursor, parseScript: ParseScript): WordPart[] {
  cursor.at++
  const parts = quotedParts(cursor, '"', parseScript)
  if (cursor.text[cursor.at] !== '"') throw new ShellSyntaxError('unterminated quoted string', true)
  cursor.at++
  // `""` is a word, too.
  return parts.length > 0 ? parts : [{ kind: 'text', text: '', isQuoted: true }]
}

function quotedParts(cursor: Cursor, end: string, parseScript: ParseScript): WordPart[] {
  const parts: WordPart[] = []
  let text = ''
  const flush = () => {
    if (text !== '') parts.push({ kind: 'text', text, isQuoted: true })
    text = ''
  }
  while (cursor.at < cursor.text.length && (end === '' || cursor.text[cursor.at] !== end)) {
    const char = cursor.text[cursor.at] as string
    if (char === '\\' && /[$`"\\\n]/.test(cursor.text[cursor.at + 1] ?? '')) {
      const escaped = cursor.text[cursor.at + 1] as string
      text += escaped === '\n' ? '' : escaped
      cursor.at += 2
    } else if (char === '$' || char === '`') {
      const part = expansion(cursor, true, parseScript)
      if (part) {
        flush()
        parts.push(part)
      } else {
        text += char
        cursor.at++
      }
    } else {
      text += char
      cursor.at++
    }
  }
  flush()
  return parts
}

function unquoted(cursor: Cursor, parseScript: ParseScript): WordPart {
  const char = cursor.text[cursor.at] as string
  if (char === '\\') {
    const escaped = cursor.text[cursor.at + 1]
    if (escaped === undefined) throw new ShellSyntaxError('unexpected end of file', true)
    cursor.at += 2
    return { kind: 'text', text: escaped === '\n' ? '' : escaped, isQuoted: true }
  }
  if (char === '$' || char === '`') {
    const part = expansion(cursor, false, parseScript)
    if (part) return part
  }
  const rest = /^[^\s;&|<>()'"\\$`]+/.exec(cursor.text.slice(cursor.at))?.[0] ?? char
  cursor.at += rest.length
  return { kind: 'text', text: rest, isQuoted: false }
}

/** What begins with `$` or a backquote; undefined when it is no more than that character. */
function expansion(
  cursor: Cursor,
  isQuoted: boolean,
  parseScript: ParseScript,
): WordPart | undefined {
  const { text, at } = cursor
  if (text[at] === '`') return backquoted(cursor, isQuoted, parseScript)
  if (text.startsWith('$((', at)) return arithmetic(cursor, isQuoted, parseScript)
  if (text.startsWith('$(', at)) {
    cursor.at += 2
    const script = parseScript(cursor)
    expect(cursor, ')')
    return { kind: 'command', script, isQuoted }
  }
  if (text.startsWith('${', at)) return braced(cursor, isQuoted, parseScript)
  const next = text[at + 1] ?? ''
  NAME.lastIndex = at + 1
  const name = SPECIAL.test(next) ? next : NAME.exec(text)?.[0]
  if (name === undefined) return undefined
  cursor.at += 1 + name.length
  return { kind: 'variable', name, operator: '', operand: [], isQuoted }
}

function backquoted(cursor: Cursor, isQuoted: boolean, parseScript: ParseScript): WordPart {
  const end = cursor.text.indexOf('`', cursor.at + 1)
  if (end < 0) throw new ShellSyntaxError('unterminated backquote', true)
  const inner = { text: cursor.text.slice(cursor.at + 1, end), at: 0 }
  cursor.at = end + 1
  return { kind: 'command', script: parseScript(inner), isQuoted }
}

function arithmetic(cursor: Cursor, isQuoted: boolean, parseScript: ParseScript): WordPart {
  let depth = 0
  let end = cursor.at + 3
  for (; end < cursor.text.length; end++) {
    if (cursor.text[end] === '(') depth++
    else if (cursor.text[end] === ')' && depth-- === 0) break
  }
  if (!cursor.text.startsWith('))', end)) throw new ShellSyntaxError('missing "))"', true)
  const expression = parseText(cursor.text.slice(cursor.at + 3, end), parseScript)
  cursor.at = end + 2
  return { kind: 'arithmetic', expression, isQuoted }
}

function braced(cursor: Cursor, isQuoted: boolean, parseScript: ParseScript): WordPart {
  cursor.at += 2
  const isLength = /^#[A-Za-z_]/.test(cursor.text.slice(cursor.at))
  if (isLength) cursor.at++
  NAME.lastIndex = cursor.at
  const next = cursor.text[cursor.at] ?? ''
  const name = NAME.exec(cursor.text)?.[0] ?? (SPECIAL.test(next) ? next : undefined)
  if (name === undefined) throw new ShellSyntaxError('bad substitution', next === '')
  cursor.at += name.length
  const operator = OPERATORS.find((one) => cursor.text.startsWith(one, cursor.at)) ?? ''
  cursor.at += operator.length
  const operand = operator === '' ? [] : quotedParts(cursor, '}', parseScript)
  expect(cursor, '}')
  return { kind: 'variable', name, operator: isLength ? 'length' : operator, operand, isQuoted }
}

export function expect(cursor: Cursor, text: string): void {
  if (!cursor.text.startsWith(text, cursor.at)) {
    const found = cursor.text[cursor.at]
    const isIncomplete = found === undefined
    throw new ShellSyntaxError(
      isIncomplete ? 'unexpected end of file' : `unexpected "${found}" (expecting "${text}")`,
      isIncomplete,
    )
  }
  cursor.at += text.length
}
