import { nestingDepthMax } from '../limits.js'
import { Cursor } from './cursor.js'
import { type Mark, scanError, YamlError } from './errors.js'
import { type ScalarStyle, scanBlock, scanPlain, scanQuoted } from './scan-scalar.js'

export type TokenType =
  | 'streamEnd'
  | 'directive'
  | 'documentStart'
  | 'documentEnd'
  | 'blockSequenceStart'
  | 'blockMappingStart'
  | 'blockEnd'
  | '['
  | ']'
  | '{'
  | '}'
  | ','
  | 'entry'
  | 'key'
  | 'value'
  | 'alias'
  | 'anchor'
  | 'tag'
  | 'scalar'

export interface Token {
  readonly type: TokenType
  readonly mark: Mark
  /** A scalar's text, an alias' or anchor's name, a tag, a directive's line. */
  readonly text: string
  readonly style: ScalarStyle | undefined
}

/** What may turn out to be a key once the colon comes. */
interface PossibleKey {
  /** Counted from the first token of the stream. */
  readonly tokenNumber: number
  readonly position: number
  readonly mark: Mark
  /** Nothing but a key can stand here. */
  readonly isRequired: boolean
}

/** A key is on one line and not longer. */
const KEY_LENGTH_MAX = 1024
const CANNOT_START = 'found character that cannot start any token'

/**
 * Cuts YAML into tokens, on demand. Indentation becomes tokens of its own (`blockMappingStart`,
 * `blockEnd`), and a `key` token is put in front of what turns out to be one: that is why tokens
 * wait in a queue as long as the first of them may still be a key.
 */
export class Scanner {
  readonly #cursor: Cursor
  readonly #queue: Token[] = []
  #taken = 0
  #ended = false
  /** Column of the innermost block collection, -1 outside of all. */
  #indent = -1
  readonly #indents: number[] = []
  /** One a flow level, the last for the innermost. */
  readonly #keys: (PossibleKey | undefined)[] = [undefined]
  #mayStartKey = true

  constructor(text: string) {
    this.#cursor = new Cursor(text)
  }

  peek(): Token {
    while (!this.#ended && (this.#queue.length === 0 || this.#firstMayBeKey())) this.#fetch()
    return this.#queue[0] as Token
  }

  next(): Token {
    const token = this.peek()
    if (token.type !== 'streamEnd') {
      this.#queue.shift()
      this.#taken++
    }
    return token
  }

  get #inFlow(): boolean {
    return this.#keys.length > 1
  }

  #firstMayBeKey(): boolean {
    for (const [level, key] of this.#keys.entries())
      if (key?.tokenNumber === this.#taken) return this.#isStillPossible(level)
    return false
  }

  #isStillPossible(level: number): boolean {
    const key = this.#keys[level]
    if (!key) return false
    const { line, position } = this.#cursor
    if (key.mark.line >= line && key.position + KEY_LENGTH_MAX >= position) return true
    this.#dropKey(level)
    return false
  }

  #dropKey(level = this.#keys.length - 1): void {
    const key = this.#keys[level]
    if (key?.isRequired) throw scanError("could not find expected ':'", this.#cursor.mark, key.mark)
    this.#keys[level] = undefined
  }

  /** Notes that a key may begin here. */
  #noteKey(): void {
    if (!this.#mayStartKey) return
    this.#dropKey()
    this.#keys[this.#keys.length - 1] = {
      tokenNumber: this.#taken + this.#queue.length,
      position: this.#cursor.position,
      mark: this.#cursor.mark,
      isRequired: !this.#inFlow && this.#indent === this.#cursor.column,
    }
  }

  #push(type: TokenType, mark: Mark = this.#cursor.mark, text = '', style?: ScalarStyle): void {
    this.#queue.push({ type, mark, text, style })
  }

  /** Opens a block collection at `column`, unless one is open there. */
  #roll(column: number, type: TokenType, mark: Mark, tokenNumber?: number): void {
    if (this.#inFlow || this.#indent >= column) return
    this.#indents.push(this.#indent)
    this.#indent = column
    this.#checkDepth()
    const token: Token = { type, mark, text: '', style: undefined }
    if (tokenNumber === undefined) this.#queue.push(token)
    else this.#queue.splice(tokenNumber - this.#taken, 0, token)
  }

  #checkDepth(): void {
    if (this.#indents.length + this.#keys.length > nestingDepthMax)
      throw new YamlError(`yaml: exceeded max depth of ${nestingDepthMax}`, this.#cursor.mark)
  }

  /** Closes the block collections that are deeper than `column`. */
  #unroll(column: number): void {
    if (this.#inFlow) return
    while (this.#indent > column) {
      this.#push('blockEnd')
      this.#indent = this.#indents.pop() ?? -1
    }
  }

  #fetch(): void {
    this.#skip()
    const cursor = this.#cursor
    this.#unroll(cursor.column)
    if (cursor.atEnd) this.#endStream()
    else if (cursor.column === 0 && cursor.peek() === '%') this.#directive()
    else if (cursor.isAtDocumentMarker()) this.#documentMarker()
    else if (!this.#indicator(cursor.peek())) {
      if (!this.#startsPlain(cursor.peek())) throw scanError(CANNOT_START, cursor.mark, cursor.mark)
      this.#plain()
    }
  }

  /** Whether the character meant something here, and was dealt with. */
  #indicator(character: string): boolean {
    const isAlone = this.#cursor.isBlankOrEnd(1)
    if (character === '[' || character === '{') this.#openFlow(character)
    else if (character === ']' || character === '}') this.#closeFlow(character)
    else if (character === ',') this.#comma()
    else if (character === '-' && isAlone) this.#entry()
    else if (character === '?' && (this.#inFlow || isAlone)) this.#explicitKey()
    else if (character === ':' && (this.#inFlow || isAlone)) this.#value()
    else if (character === '*') this.#name('alias')
    else if (character === '&') this.#name('anchor')
    else if (character === '!') this.#tag()
    else if (character === '|' && !this.#inFlow) this.#block('literal')
    else if (character === '>' && !this.#inFlow) this.#block('folded')
    else if (character === "'") this.#quoted('single')
    else if (character === '"') this.#quoted('double')
    else return false
    return true
  }

  #startsPlain(character: string): boolean {
    if (character === '-') return !this.#cursor.isBlank(1)
    if (character === '?' || character === ':')
      return !this.#inFlow && !this.#cursor.isBlankOrEnd(1)
    return !'\t,[]{}#&*!|>\'"%@`'.includes(character)
  }

  /** Over white space, comments and line breaks. Tabs do not indent. */
  #skip(): void {
    const cursor = this.#cursor
    for (;;) {
      const tabsAreSpace = this.#inFlow || !this.#mayStartKey
      while (cursor.peek() === ' ' || (tabsAreSpace && cursor.peek() === '\t')) cursor.take()
      if (cursor.peek() === '#') while (!cursor.isBreakOrEnd()) cursor.take()
      if (!cursor.isBreak()) return
      cursor.takeBreak()
      if (!this.#inFlow) this.#mayStartKey = true
    }
  }

  #endStream(): void {
    const cursor = this.#cursor
    // As if the last line were ended: messages about the end name the line after it.
    if (cursor.column !== 0) {
      cursor.column = 0
      cursor.line++
    }
    this.#unroll(-1)
    this.#dropKey()
    this.#push('streamEnd')
    this.#ended = true
  }

  #directive(): void {
    this.#unroll(-1)
    this.#dropKey()
    this.#mayStartKey = false
    const { mark } = this.#cursor
    let text = ''
    while (!this.#cursor.isBreakOrEnd()) text += this.#cursor.take()
    this.#push('directive', mark, text)
  }

  #documentMarker(): void {
    this.#unroll(-1)
    this.#dropKey()
    this.#mayStartKey = false
    const { mark } = this.#cursor
    this.#push(this.#cursor.take(3) === '---' ? 'documentStart' : 'documentEnd', mark)
  }

  #openFlow(type: '[' | '{'): void {
    this.#noteKey()
    this.#keys.push(undefined)
    this.#checkDepth()
    this.#mayStartKey = true
    this.#push(type)
    this.#cursor.take()
  }

  #closeFlow(type: ']' | '}'): void {
    this.#dropKey()
    if (this.#inFlow) this.#keys.pop()
    this.#mayStartKey = false
    this.#push(type)
    this.#cursor.take()
  }

  #comma(): void {
    this.#dropKey()
    this.#mayStartKey = true
    this.#push(',')
    this.#cursor.take()
  }

  #entry(): void {
    const { mark } = this.#cursor
    if (!this.#inFlow) {
      if (!this.#mayStartKey)
        throw scanError('block sequence entries are not allowed in this context', mark, mark)
      this.#roll(mark.column, 'blockSequenceStart', mark)
    }
    this.#dropKey()
    this.#mayStartKey = true
    this.#push('entry', mark)
    this.#cursor.take()
  }

  #explicitKey(): void {
    const { mark } = this.#cursor
    if (!this.#inFlow) {
      if (!this.#mayStartKey)
        throw scanError('mapping keys are not allowed in this context', mark, mark)
      this.#roll(mark.column, 'blockMappingStart', mark)
    }
    this.#dropKey()
    this.#mayStartKey = !this.#inFlow
    this.#push('key', mark)
    this.#cursor.take()
  }

  #value(): void {
    const { mark } = this.#cursor
    const level = this.#keys.length - 1
    const key = this.#isStillPossible(level) ? this.#keys[level] : undefined
    if (key) {
      const place = key.tokenNumber - this.#taken
      this.#queue.splice(place, 0, { type: 'key', mark: key.mark, text: '', style: undefined })
      this.#roll(key.mark.column, 'blockMappingStart', key.mark, key.tokenNumber)
      this.#keys[level] = undefined
      this.#mayStartKey = false
    } else {
      if (!this.#inFlow) {
        if (!this.#mayStartKey)
          throw scanError('mapping values are not allowed in this context', mark, mark)
        this.#roll(mark.column, 'blockMappingStart', mark)
      }
      this.#mayStartKey = !this.#inFlow
    }
    this.#push('value', mark)
    this.#cursor.take()
  }

  #name(type: 'alias' | 'anchor'): void {
    this.#noteKey()
    this.#mayStartKey = false
    const cursor = this.#cursor
    const { mark } = cursor
    cursor.take()
    let name = ''
    while (/[0-9A-Za-z_-]/.test(cursor.peek())) name += cursor.take()
    const endsWell = cursor.isBlankOrEnd() || '?:,]}%@`'.includes(cursor.peek())
    if (name === '' || !endsWell)
      throw scanError('did not find expected alphabetic or numeric character', cursor.mark, mark)
    this.#push(type, mark, name)
  }

  #tag(): void {
    this.#noteKey()
    this.#mayStartKey = false
    const cursor = this.#cursor
    const { mark } = cursor
    let tag = ''
    const ends = () => cursor.isBlankOrEnd() || (this.#inFlow && ',[]{}'.includes(cursor.peek()))
    while (!ends()) tag += cursor.take()
    if (tag.startsWith('!<') && !tag.endsWith('>'))
      throw scanError("did not find the expected '>'", cursor.mark, mark)
    this.#push('tag', mark, tag)
  }

  #block(style: 'literal' | 'folded'): void {
    this.#dropKey()
    this.#mayStartKey = true
    const { mark } = this.#cursor
    this.#push('scalar', mark, scanBlock(this.#cursor, style, this.#indent), style)
  }

  #quoted(style: 'single' | 'double'): void {
    this.#noteKey()
    this.#mayStartKey = false
    const { mark } = this.#cursor
    this.#push('scalar', mark, scanQuoted(this.#cursor, style), style)
  }

  #plain(): void {
    this.#noteKey()
    this.#mayStartKey = false
    const { mark } = this.#cursor
    const { text, endsLine } = scanPlain(this.#cursor, this.#indent + 1, this.#inFlow)
    if (endsLine) this.#mayStartKey = true
    this.#push('scalar', mark, text, 'plain')
  }
}
