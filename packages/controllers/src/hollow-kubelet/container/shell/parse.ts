import { type Cursor, expect, parseText, parseWord } from './parse-word.js'
import {
  type Command,
  type List,
  type ListItem,
  type Pipeline,
  type Redirect,
  ShellSyntaxError,
  type Word,
} from './syntax.js'

/** Deeper is no script that a person wrote. */
const DEPTH_MAX = 100
const ENDINGS = new Set(['then', 'do', 'done', 'fi', 'elif', 'else', 'esac', '}', 'in'])
const REDIRECT = /(\d?)(<<<|<<-?|>>|>&|<&|&>|>\||<|>)/y

/** Reads a whole script. Throws `ShellSyntaxError`. */
export function parseScript(text: string): List {
  const parser = new Parser({ text, at: 0 }, 0)
  const list = parser.list()
  parser.end()
  return list
}

class Parser {
  readonly #cursor: Cursor
  readonly #depth: number
  /** Texts of `<<` that begin with the next line. */
  #pending: {
    readonly end: string
    readonly isQuoted: boolean
    readonly tabs: boolean
    take(word: Word): void
  }[] = []

  constructor(cursor: Cursor, depth: number) {
    if (depth > DEPTH_MAX) throw new ShellSyntaxError('nested too deeply')
    this.#cursor = cursor
    this.#depth = depth
  }

  /** Up to the end, `)`, `;;` or a word that ends what is around it. */
  list(): List {
    const items: ListItem[] = []
    this.#blankLines()
    while (!this.#isOver()) {
      const pipeline = this.#pipeline()
      items.push({ pipeline, next: this.#connector() })
      this.#blankLines()
    }
    return { items }
  }

  end(): void {
    const { text, at } = this.#cursor
    if (at < text.length) throw new ShellSyntaxError(`unexpected "${this.#peekWord() || text[at]}"`)
    if (this.#pending.length > 0) throw new ShellSyntaxError('unexpected end of file', true)
  }

  #isOver(): boolean {
    const { text, at } = this.#cursor
    return (
      at >= text.length ||
      text[at] === ')' ||
      text.startsWith(';;', at) ||
      ENDINGS.has(this.#peekWord())
    )
  }

  #connector(): ListItem['next'] {
    this.#blanks()
    for (const operator of ['&&', '||', '&', ';', '\n'] as const) {
      if (!this.#cursor.text.startsWith(operator, this.#cursor.at)) continue
      if (this.#cursor.text.startsWith(';;', this.#cursor.at)) return ';'
      if (operator === '\n') this.#newline()
      else this.#cursor.at += operator.length
      if (operator === '&&' || operator === '||') {
        this.#blankLines()
        if (this.#cursor.at >= this.#cursor.text.length)
          throw new ShellSyntaxError('unexpected end of file', true)
      }
      return operator === '\n' ? ';' : operator
    }
    return ';'
  }

  #pipeline(): Pipeline {
    const isNegated = this.#takeWord('!')
    const commands = [this.#command()]
    for (;;) {
      this.#blanks()
      const { text, at } = this.#cursor
      if (text[at] !== '|' || text[at + 1] === '|') return { isNegated, commands }
      this.#cursor.at++
      this.#blankLines()
      commands.push(this.#command())
    }
  }

  #command(): Command {
    this.#blanks()
    const { text, at } = this.#cursor
    if (at >= text.length) throw new ShellSyntaxError('unexpected end of file', true)
    if (text[at] === '(') {
      this.#cursor.at++
      const body = this.#inner()
      expect(this.#cursor, ')')
      return { kind: 'group', body, isSubshell: true, redirects: this.#redirects() }
    }
    const word = this.#peekWord()
    switch (word) {
      case '{': {
        this.#cursor.at++
        const body = this.#inner()
        this.#need('}')
        return { kind: 'group', body, isSubshell: false, redirects: this.#redirects() }
      }
      case 'if':
        return this.#if()
      case 'while':
      case 'until': {
        this.#takeWord(word)
        const condition = this.#inner()
        const body = this.#block('do', 'done')
        return {
          kind: 'loop',
          isUntil: word === 'until',
          condition,
          body,
          redirects: this.#redirects(),
        }
      }
      case 'for':
        return this.#for()
      case 'case':
        return this.#case()
      default:
        return this.#simple()
    }
  }

  #if(): Command {
    const branches: { condition: List; body: List }[] = []
    this.#takeWord('if')
    do {
      const condition = this.#inner()
      this.#need('then')
      branches.push({ condition, body: this.#inner() })
    } while (this.#takeWord('elif'))
    const otherwise = this.#takeWord('else') ? this.#inner() : undefined
    this.#need('fi')
    return { kind: 'if', branches, otherwise, redirects: this.#redirects() }
  }

  #for(): Command {
    this.#takeWord('for')
    this.#blanks()
    const name = this.#peekWord()
    if (!/^[A-Za-z_]\w*$/.test(name)) throw new ShellSyntaxError('bad for loop variable')
    this.#takeWord(name)
    this.#blankLines()
    let words: Word[] | undefined
    if (this.#takeWord('in')) words = this.#words()
    this.#connector()
    return {
      kind: 'for',
      name,
      words,
      body: this.#block('do', 'done'),
      redirects: this.#redirects(),
    }
  }

  #case(): Command {
    this.#takeWord('case')
    const subject = this.#word()
    this.#blankLines()
    this.#need('in')
    this.#blankLines()
    const arms: { patterns: Word[]; body: List }[] = []
    while (!this.#takeWord('esac')) {
      if (this.#cursor.text[this.#cursor.at] === '(') this.#cursor.at++
      const patterns = [this.#word()]
      for (this.#blanks(); this.#cursor.text[this.#cursor.at] === '|'; this.#blanks()) {
        this.#cursor.at++
        patterns.push(this.#word())
      }
      expect(this.#cursor, ')')
      arms.push({ patterns, body: this.#inner() })
      if (this.#cursor.text.startsWith(';;', this.#cursor.at)) this.#cursor.at += 2
      this.#blankLines()
    }
    return { kind: 'case', subject, arms, redirects: this.#redirects() }
  }

  #simple(): Command {
    const assignments: { name: string; value: Word }[] = []
    const words: Word[] = []
    const redirects: Redirect[] = []
    for (;;) {
      const more = this.#redirects()
      redirects.push(...more)
      const start = this.#cursor.at
      const name = words.length === 0 ? /^([A-Za-z_]\w*)=/.exec(this.#rest(80))?.[1] : undefined
      if (name !== undefined) this.#cursor.at += name.length + 1
      const word = parseWord(this.#cursor, this.#nested)
      if (name !== undefined) assignments.push({ name, value: word ?? [] })
      else if (word) words.push(word)
      if (words.length === 1 && this.#cursor.text.startsWith('()', this.#cursor.at))
        return this.#function(start)
      if (this.#cursor.at === start && more.length === 0) break
    }
    if (words.length + assignments.length + redirects.length === 0) {
      const found = this.#cursor.text[this.#cursor.at] ?? ''
      throw new ShellSyntaxError(`unexpected "${found === '\n' ? 'newline' : found}"`)
    }
    return { kind: 'simple', assignments, words, redirects }
  }

  #function(start: number): Command {
    const name = this.#cursor.text.slice(start, this.#cursor.at)
    this.#cursor.at += 2
    this.#blankLines()
    return { kind: 'function', name, body: this.#command(), redirects: [] }
  }

  #redirects(): Redirect[] {
    const redirects: Redirect[] = []
    for (;;) {
      this.#blanks()
      REDIRECT.lastIndex = this.#cursor.at
      const [whole, digit = '', operator] = REDIRECT.exec(this.#cursor.text) ?? []
      if (whole === undefined) return redirects
      this.#cursor.at += whole.length
      const word = this.#word()
      redirects.push(...this.#redirect(operator as string, digit, word))
    }
  }

  #redirect(operator: string, digit: string, word: Word): Redirect[] {
    const input = Number(digit || 0)
    const output = Number(digit || 1)
    switch (operator) {
      case '<':
        return [{ descriptor: input, kind: '<', word }]
      case '<<<': {
        const newline = { kind: 'text', text: '\n', isQuoted: true } as const
        return [{ descriptor: input, kind: 'text', word: [...word, newline] }]
      }
      case '<<':
      case '<<-':
        return [this.#hereDocument(input, word, operator === '<<-')]
      case '>&':
      case '<&':
        return [{ descriptor: operator === '>&' ? output : input, kind: '&', word }]
      case '&>': {
        const one = [{ kind: 'text', text: '1', isQuoted: false } as const]
        return [
          { descriptor: 1, kind: '>', word },
          { descriptor: 2, kind: '&', word: one },
        ]
      }
      default:
        return [{ descriptor: output, kind: operator === '>>' ? '>>' : '>', word }]
    }
  }

  /** Its text is filled in when the line has ended. */
  #hereDocument(descriptor: number, word: Word, tabs: boolean): Redirect {
    const parts = word.flatMap((part) => (part.kind === 'text' ? [part] : []))
    const text: { word: Word } = { word: [] }
    this.#pending.push({
      end: parts.map((part) => part.text).join(''),
      isQuoted: parts.some(({ isQuoted }) => isQuoted),
      tabs,
      take(taken) {
        text.word = taken
      },
    })
    return {
      descriptor,
      kind: 'text',
      get word() {
        return text.word
      },
    }
  }

  #words(): Word[] {
    const words: Word[] = []
    for (;;) {
      this.#blanks()
      const word = parseWord(this.#cursor, this.#nested)
      if (!word) return words
      words.push(word)
    }
  }

  #word(): Word {
    this.#blanks()
    const word = parseWord(this.#cursor, this.#nested)
    if (word) return word
    const isIncomplete = this.#cursor.at >= this.#cursor.text.length
    throw new ShellSyntaxError('missing word', isIncomplete)
  }

  #block(begin: string, end: string): List {
    this.#blankLines()
    this.#need(begin)
    const body = this.#inner()
    this.#need(end)
    return body
  }

  #inner(): List {
    const inner = new Parser(this.#cursor, this.#depth + 1)
    inner.#pending = this.#pending
    return inner.list()
  }

  readonly #nested = (cursor: Cursor): List => new Parser(cursor, this.#depth + 1).list()

  #need(word: string): void {
    this.#blankLines()
    if (this.#takeWord(word)) return
    const found = this.#peekWord()
    const isIncomplete = found === ''
    throw new ShellSyntaxError(
      isIncomplete ? 'unexpected end of file' : `unexpected "${found}" (expecting "${word}")`,
      isIncomplete,
    )
  }

  #takeWord(word: string): boolean {
    this.#blanks()
    if (this.#peekWord() !== word) return false
    this.#cursor.at += word.length
    return true
  }

  #peekWord(): string {
    const { text, at } = this.#cursor
    return /^[^\s;&|<>()'"\\$`]+/.exec(text.slice(at, at + 80))?.[0] ?? ''
  }

  #rest(length: number): string {
    return this.#cursor.text.slice(this.#cursor.at, this.#cursor.at + length)
  }

  /** Spaces, comments, and lines that go on. */
  #blanks(): void {
    const skipped = /^(?:[ \t\r]|\\\n)*/.exec(this.#cursor.text.slice(this.#cursor.at))?.[0] ?? ''
    this.#cursor.at += skipped.length
    if (this.#cursor.text[this.#cursor.at] !== '#') return
    const end = this.#cursor.text.indexOf('\n', this.#cursor.at)
    this.#cursor.at = end < 0 ? this.#cursor.text.length : end
  }

  #blankLines(): void {
    for (this.#blanks(); this.#cursor.text[this.#cursor.at] === '\n'; this.#blanks())
      this.#newline()
  }

  #newline(): void {
    this.#cursor.at++
    for (const document of this.#pending.splice(0)) {
      const lines: string[] = []
      for (;;) {
        const { text, at } = this.#cursor
        if (at >= text.length) throw new ShellSyntaxError('unexpected end of file', true)
        const end = text.indexOf('\n', at)
        const whole = end < 0 ? text.slice(at) : text.slice(at, end)
        const line = document.tabs ? whole.replace(/^\t+/, '') : whole
        this.#cursor.at = end < 0 ? text.length : end + 1
        if (line === document.end) break
        lines.push(`${line}\n`)
      }
      const body = lines.join('')
      const literal = [{ kind: 'text', text: body, isQuoted: true } as const]
      document.take(document.isQuoted ? literal : parseText(body, this.#nested))
    }
  }
}
