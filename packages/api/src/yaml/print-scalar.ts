import { needsQuotes } from './resolve.js'

/** Past this column a line is broken at the next space. */
const BEST_WIDTH = 80

/** Most strings are names: nothing to quote, and no space to break a line at. */
const OBVIOUSLY_PLAIN = /^[A-Za-z][A-Za-z0-9_./-]*$/

/**
 * A scalar as it is printed at `column`. Lines after the first are indented by `indent`. A key
 * stays on one line.
 */
export function printScalar(
  value: unknown,
  indent: number,
  column: number,
  isKey: boolean,
): string {
  if (value === null) return 'null'
  if (typeof value === 'number') return goFloat(value)
  if (typeof value !== 'string') return String(value)
  if (OBVIOUSLY_PLAIN.test(value) && !needsQuotes(value)) return value
  const facts = analyze(value)
  const place = { indent, column, mayBreak: !isKey }
  switch (styleOf(value, facts, isKey)) {
    case 'literal':
      return literal(value, indent)
    case 'double':
      return doubleQuoted(value, place)
    case 'single':
      return singleQuoted(value, place)
    case 'plain':
      return folded(value, place, 0, value.length, '')
  }
}

/** Integers in full, fractions as Go's shortest `%g`. */
export function goFloat(value: number): string {
  if (Number.isInteger(value) && Math.abs(value) < 1e21) return String(value)
  const [mantissa = '', exponent = ''] = value.toExponential().split('e')
  const power = Number(exponent)
  if (power >= -4 && power < 21) return String(value)
  const sign = power < 0 ? '-' : '+'
  return `${mantissa}e${sign}${String(Math.abs(power)).padStart(2, '0')}`
}

type Style = 'plain' | 'single' | 'double' | 'literal'

function styleOf(value: string, facts: Facts, isKey: boolean): Style {
  if (value.includes('\n')) return facts.mayBeBlock && !isKey ? 'literal' : 'double'
  if (needsQuotes(value)) return 'double'
  if (facts.mayBePlain) return 'plain'
  return facts.mayBeSingleQuoted ? 'single' : 'double'
}

interface Facts {
  readonly mayBePlain: boolean
  readonly mayBeSingleQuoted: boolean
  readonly mayBeBlock: boolean
}

/** Printed as it is: not tabs, not what lies outside of the basic plane, not the byte order mark. */
const PRINTABLE = /^[\n\x20-\x7e\u00a0-\ud7ff\ue000-\ufefe\uff00-\ufffd]*$/
const INDICATOR_FIRST = /^[#,[\]{}&*!|>'"%@`]/
const INDICATOR_INSIDE = /^[?:-](?:[ \t]|$)|:(?:[ \t]|$)|[\s\0]#|^---|^\.\.\./

function analyze(value: string): Facts {
  const isPrintable = PRINTABLE.test(value)
  const spaceBeforeBreak = / [\n\u0085\u2028\u2029]/.test(value)
  const spaceAfterBreak = /[\n\u0085\u2028\u2029] /.test(value)
  const isSpecial = !isPrintable || spaceBeforeBreak
  const hasBreak = /[\n\r\u0085\u2028\u2029]/.test(value)
  const isFlanked = /^[ \n]|[ \n]$/.test(value)
  return {
    mayBePlain:
      value !== '' &&
      !isSpecial &&
      !hasBreak &&
      !isFlanked &&
      !spaceAfterBreak &&
      !INDICATOR_FIRST.test(value) &&
      !INDICATOR_INSIDE.test(value),
    mayBeSingleQuoted: !isSpecial && !spaceAfterBreak,
    mayBeBlock: !isSpecial && !value.endsWith(' '),
  }
}

function literal(value: string, indent: number): string {
  const hint = /^[ \n]/.test(value) ? '2' : ''
  const chomp = !value.endsWith('\n') ? '-' : /(^|\n)\n$/.test(value) ? '+' : ''
  const body = value.endsWith('\n') ? value.slice(0, -1) : value
  const margin = ' '.repeat(indent)
  const lines = body.split('\n').map((line) => (line === '' ? '' : margin + line))
  return `|${hint}${chomp}\n${lines.join('\n')}\n`
}

interface Place {
  readonly indent: number
  readonly column: number
  readonly mayBreak: boolean
}

function singleQuoted(value: string, place: Place): string {
  const inner = folded(value, { ...place, column: place.column + 1 }, 1, value.length - 1, "'")
  return `'${inner}'`
}

/**
 * The text with a line break in place of the first space past the width, and again. Only single
 * spaces between `from` and `to` may go; `doubled` is a character that is written twice.
 */
function folded(value: string, place: Place, from: number, to: number, doubled: string): string {
  let text = ''
  let { column } = place
  let afterSpace = false
  const characters = [...value]
  for (const [i, character] of characters.entries()) {
    if (character === ' ') {
      const isInside = i >= from && i < to && characters[i + 1] !== ' '
      if (place.mayBreak && !afterSpace && column > BEST_WIDTH && isInside) {
        text += `\n${' '.repeat(place.indent)}`
        column = place.indent
      } else {
        text += character
        column++
      }
      afterSpace = true
    } else {
      text += character === doubled ? doubled + doubled : character
      column += character === doubled ? 2 : 1
      afterSpace = false
    }
  }
  return text
}

const ESCAPES: Readonly<Record<string, string>> = {
  '\0': '\\0',
  '\x07': '\\a',
  '\b': '\\b',
  '\t': '\\t',
  '\n': '\\n',
  '\v': '\\v',
  '\f': '\\f',
  '\r': '\\r',
  '\x1b': '\\e',
  '"': '\\"',
  '\\': '\\\\',
  '\u0085': '\\N',
  '\u2028': '\\L',
  '\u2029': '\\P',
  '\ufeff': '\\uFEFF',
}

function doubleQuoted(value: string, place: Place): string {
  let text = '"'
  let column = place.column + 1
  let afterSpace = false
  const characters = [...value]
  for (const [i, character] of characters.entries()) {
    const isInside = i > 0 && i < characters.length - 1
    if (character === ' ' && place.mayBreak && !afterSpace && column > BEST_WIDTH && isInside) {
      text += `\n${' '.repeat(place.indent)}`
      column = place.indent
      if (characters[i + 1] === ' ') {
        text += '\\'
        column++
      }
    } else {
      const written = escaped(character)
      text += written
      column += written.length
    }
    afterSpace = character === ' '
  }
  return `${text}"`
}

function escaped(character: string): string {
  const known = ESCAPES[character]
  if (known) return known
  if (PRINTABLE.test(character)) return character
  const code = character.codePointAt(0) ?? 0
  const hex = code.toString(16).toUpperCase()
  if (code <= 0xff) return `\\x${hex.padStart(2, '0')}`
  return code <= 0xffff ? `\\u${hex.padStart(4, '0')}` : `\\U${hex.padStart(8, '0')}`
}
