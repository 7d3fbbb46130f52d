import { type Mark, YamlError } from './errors.js'

const FORBIDDEN = /[^\t\n\r\x20-\x7e\u0085\u00a0-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/u

/** A position in the text that only moves forward, and knows its line and column. */
export class Cursor implements Mark {
  readonly text: string
  position = 0
  line = 0
  column = 0

  constructor(text: string) {
    if (FORBIDDEN.test(text)) throw new YamlError('yaml: control characters are not allowed')
    this.text = text
    if (text.startsWith('\ufeff')) this.position = 1
  }

  get mark(): Mark {
    return { line: this.line, column: this.column }
  }

  get atEnd(): boolean {
    return this.position >= this.text.length
  }

  /** The character so many places ahead; empty past the end. */
  peek(ahead = 0): string {
    return this.text[this.position + ahead] ?? ''
  }

  startsWith(prefix: string): boolean {
    return this.text.startsWith(prefix, this.position)
  }

  /** Moves over characters that are no line breaks, and returns them. */
  take(count = 1): string {
    const taken = this.text.slice(this.position, this.position + count)
    this.position += count
    this.column += count
    return taken
  }

  /** Moves over a line break and returns it in its one form. */
  takeBreak(): string {
    const character = this.peek()
    this.position += character === '\r' && this.peek(1) === '\n' ? 2 : 1
    this.line++
    this.column = 0
    return character === '\u2028' || character === '\u2029' ? character : '\n'
  }

  isBlank(ahead = 0): boolean {
    return isBlank(this.peek(ahead))
  }

  isBreak(ahead = 0): boolean {
    return isBreak(this.peek(ahead))
  }

  isBreakOrEnd(ahead = 0): boolean {
    const character = this.peek(ahead)
    return character === '' || isBreak(character)
  }

  isBlankOrEnd(ahead = 0): boolean {
    return this.isBlank(ahead) || this.isBreakOrEnd(ahead)
  }

  /** `---` or `...` at the beginning of a line. */
  isAtDocumentMarker(): boolean {
    if (this.column !== 0) return false
    return (this.startsWith('---') || this.startsWith('...')) && this.isBlankOrEnd(3)
  }
}

function isBlank(character: string): boolean {
  return character === ' ' || character === '\t'
}

function isBreak(character: string): boolean {
  switch (character) {
    case '\n':
    case '\r':
    case '\u0085':
    case '\u2028':
    case '\u2029':
      return true
    default:
      return false
  }
}
