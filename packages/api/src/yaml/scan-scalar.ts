import type { Cursor } from './cursor.js'
import { scanError } from './errors.js'

export type ScalarStyle = 'plain' | 'single' | 'double' | 'literal' | 'folded'

/**
 * Spaces and line breaks inside of a scalar, until it is known whether more text comes: then they
 * are folded, one break to a space, more breaks to one less.
 */
class Fold {
  #spaces = ''
  #firstBreak = ''
  #moreBreaks = ''
  hasBreak = false

  take(cursor: Cursor): void {
    if (cursor.isBreak()) {
      const text = cursor.takeBreak()
      if (this.hasBreak) this.#moreBreaks += text
      else this.#firstBreak = text
      this.hasBreak = true
      this.#spaces = ''
    } else if (this.hasBreak) cursor.take()
    else this.#spaces += cursor.take()
  }

  /** A break that a backslash hides: what follows on the next lines still folds. */
  hideBreak(cursor: Cursor): void {
    cursor.takeBreak()
    this.hasBreak = true
  }

  /** What all that comes to; afterwards it is empty. */
  flush(): string {
    const text = this.#folded()
    this.#spaces = this.#firstBreak = this.#moreBreaks = ''
    this.hasBreak = false
    return text
  }

  #folded(): string {
    if (!this.hasBreak) return this.#spaces
    if (this.#firstBreak !== '\n') return this.#firstBreak + this.#moreBreaks
    return this.#moreBreaks === '' ? ' ' : this.#moreBreaks
  }
}

/** Ends a plain scalar inside of brackets. */
const FLOW_ENDS = ',?[]{}'

/**
 * A scalar without quotes, over as many lines as are indented by at least `indent`. Tells whether
 * a line break came after it: then a key may begin.
 */
export function scanPlain(
  cursor: Cursor,
  indent: number,
  inFlow: boolean,
): { text: string; endsLine: boolean } {
  const start = cursor.mark
  const fold = new Fold()
  let text = ''
  while (!cursor.isAtDocumentMarker() && cursor.peek() !== '#') {
    const word = plainWord(cursor, inFlow)
    if (word !== '') text += fold.flush() + word
    if (!cursor.isBlank() && !cursor.isBreak()) break
    while (cursor.isBlank() || cursor.isBreak()) {
      if (fold.hasBreak && cursor.column < indent && cursor.peek() === '\t')
        throw scanError('found a tab character that violates indentation', cursor.mark, start)
      fold.take(cursor)
    }
    if (!inFlow && cursor.column < indent) break
  }
  return { text, endsLine: fold.hasBreak }
}

function plainWord(cursor: Cursor, inFlow: boolean): string {
  let length = 0
  while (!cursor.isBlankOrEnd(length)) {
    const character = cursor.peek(length)
    if (character === ':' && cursor.isBlankOrEnd(length + 1)) break
    if (inFlow && FLOW_ENDS.includes(character)) break
    length++
  }
  return cursor.take(length)
}

export function scanQuoted(cursor: Cursor, style: 'single' | 'double'): string {
  const start = cursor.mark
  const quote = cursor.take()
  const fold = new Fold()
  let text = ''
  for (;;) {
    if (cursor.isAtDocumentMarker())
      throw scanError('found unexpected document indicator', cursor.mark, start)
    if (cursor.atEnd) throw scanError('found unexpected end of stream', cursor.mark, start)
    while (!cursor.isBlankOrEnd()) {
      const character = cursor.peek()
      if (character === quote && !(style === 'single' && cursor.peek(1) === quote)) break
      text += fold.flush()
      if (style === 'single' && character === quote) text += cursor.take(2).slice(1)
      else if (style === 'double' && character === '\\') {
        if (cursor.isBreak(1)) {
          cursor.take()
          fold.hideBreak(cursor)
          break
        }
        text += scanEscape(cursor)
      } else text += cursor.take()
    }
    if (cursor.peek() === quote) break
    // Spaces before a hidden break stay, those after it go: the fold has both.
    while (cursor.isBlank() || cursor.isBreak()) fold.take(cursor)
  }
  cursor.take()
  return text + fold.flush()
}

const ESCAPES: Readonly<Record<string, string>> = {
  '0': '\0',
  a: '\x07',
  b: '\b',
  t: '\t',
  '\t': '\t',
  n: '\n',
  v: '\v',
  f: '\f',
  r: '\r',
  e: '\x1b',
  ' ': ' ',
  '"': '"',
  "'": "'",
  '/': '/',
  '\\': '\\',
  N: '\u0085',
  _: '\u00a0',
  L: '\u2028',
  P: '\u2029',
}
const HEX_DIGITS: Readonly<Record<string, number>> = { x: 2, u: 4, U: 8 }

function scanEscape(cursor: Cursor): string {
  const start = cursor.mark
  const letter = cursor.peek(1)
  const known = ESCAPES[letter]
  if (known !== undefined) {
    cursor.take(2)
    return known
  }
  const digits = HEX_DIGITS[letter]
  if (digits === undefined) throw scanError('found unknown escape character', start)
  cursor.take(2)
  const hex = cursor.text.slice(cursor.position, cursor.position + digits)
  if (hex.length < digits || !/^[0-9a-fA-F]+$/.test(hex))
    throw scanError('did not find expected hexdecimal number', start)
  const code = Number.parseInt(hex, 16)
  if (code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff))
    throw scanError('found invalid Unicode character escape code', start)
  cursor.take(digits)
  return String.fromCodePoint(code)
}

/** `|` and `>`, with their header, and every line that is indented by more than `parentIndent`. */
export function scanBlock(
  cursor: Cursor,
  style: 'literal' | 'folded',
  parentIndent: number,
): string {
  const start = cursor.mark
  cursor.take()
  const { chomping, increment } = blockHeader(cursor, start)
  let indent = increment > 0 ? Math.max(parentIndent, 0) + increment : 0
  const first = blockBreaks(cursor, indent, start)
  if (indent === 0) indent = Math.max(first.widest, parentIndent + 1, 1)
  if (increment === 0) blockIndent(cursor, indent)
  let text = ''
  let lineBreak = ''
  let moreBreaks = first.breaks
  let wasBlank = false
  while (cursor.column === indent && !cursor.atEnd) {
    const isBlank = cursor.isBlank()
    const folds = style === 'folded' && lineBreak === '\n' && !wasBlank && !isBlank
    if (folds) text += moreBreaks === '' ? ' ' : ''
    else text += lineBreak
    text += moreBreaks
    wasBlank = isBlank
    text += restOfLine(cursor)
    lineBreak = cursor.atEnd ? '' : cursor.takeBreak()
    moreBreaks = blockBreaks(cursor, indent, start).breaks
  }
  if (chomping === '-') return text
  return text + lineBreak + (chomping === '+' ? moreBreaks : '')
}

function restOfLine(cursor: Cursor): string {
  let length = 0
  while (!cursor.isBreakOrEnd(length)) length++
  return cursor.take(length)
}

function blockHeader(cursor: Cursor, start: { line: number; column: number }) {
  let chomping = ''
  let increment = 0
  for (let character = cursor.peek(); /[-+0-9]/.test(character); character = cursor.peek()) {
    if (character === '0')
      throw scanError('found an indentation indicator equal to 0', cursor.mark, start)
    const isDigit = /\d/.test(character)
    if (isDigit ? increment > 0 : chomping !== '') break
    if (isDigit) increment = Number(character)
    else chomping = character
    cursor.take()
  }
  while (cursor.isBlank()) cursor.take()
  if (cursor.peek() === '#') restOfLine(cursor)
  if (!cursor.isBreakOrEnd())
    throw scanError('did not find expected comment or line break', cursor.mark, start)
  if (!cursor.atEnd) cursor.takeBreak()
  return { chomping, increment }
}

/** Moves over empty lines and up to the column of the text; `indent` 0 is not known yet. */
function blockBreaks(cursor: Cursor, indent: number, start: { line: number; column: number }) {
  let breaks = ''
  let widest = 0
  for (;;) {
    while ((indent === 0 || cursor.column < indent) && cursor.peek() === ' ') cursor.take()
    widest = Math.max(widest, cursor.column)
    if ((indent === 0 || cursor.column < indent) && cursor.peek() === '\t')
      throw scanError(
        'found a tab character where an indentation space is expected',
        cursor.mark,
        start,
      )
    if (!cursor.isBreak()) return { breaks, widest }
    breaks += cursor.takeBreak()
  }
}

function blockIndent(cursor: Cursor, indent: number): void {
  while (cursor.column < indent && cursor.peek() === ' ') cursor.take()
}
