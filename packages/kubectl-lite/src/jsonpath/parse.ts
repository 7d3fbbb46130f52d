import { limits } from '../limits.js'

/** kubectl's JSONPath: text with expressions in braces. */
export type Node =
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'list'; readonly nodes: readonly Node[] }
  | { readonly type: 'field'; readonly name: string }
  | {
      readonly type: 'array'
      readonly bounds: readonly [Bound, Bound, Bound]
      readonly isSlice: boolean
    }
  | {
      readonly type: 'filter'
      readonly left: Node
      readonly right: Node | undefined
      readonly operator: string
    }
  | { readonly type: 'literal'; readonly value: number | boolean }
  | { readonly type: 'wildcard' }
  | { readonly type: 'recursive' }
  | { readonly type: 'union'; readonly nodes: readonly Node[] }
  | { readonly type: 'identifier'; readonly name: string }

export interface Bound {
  readonly known: boolean
  readonly value: number
}

/** The template is not kubectl's JSONPath; the message is kubectl's. */
export class JsonPathSyntaxError extends Error {}

/** Parses a template. Throws `JsonPathSyntaxError`. */
export function parseJsonPath(template: string): Node[] {
  return new Parser(template).parse()
}

const UNCLOSED = 'unclosed action'

class Parser {
  readonly #input: string
  #at = 0
  #depth = 0

  constructor(input: string) {
    this.#input = input
  }

  parse(): Node[] {
    const nodes: Node[] = []
    while (this.#at < this.#input.length) {
      const open = this.#input.indexOf('{', this.#at)
      const end = open < 0 ? this.#input.length : open
      if (end > this.#at) nodes.push({ type: 'text', text: this.#input.slice(this.#at, end) })
      this.#at = end
      if (open < 0) break
      this.#at++
      nodes.push(this.#action())
    }
    return nodes
  }

  /** Everything up to the closing brace. */
  #action(): Node {
    const nodes: Node[] = []
    for (;;) {
      const character = this.#peek()
      if (character === '' || character === '\n') throw new JsonPathSyntaxError(UNCLOSED)
      if (character === '}') {
        this.#at++
        return { type: 'list', nodes }
      }
      const node = this.#step()
      if (node) nodes.push(node)
    }
  }

  #peek(): string {
    return this.#input[this.#at] ?? ''
  }

  #step(): Node | undefined {
    const character = this.#peek()
    if (/\s/.test(character) || character === '@' || character === '$') {
      this.#at++
      return undefined
    }
    if (character === '[') return this.#bracket()
    if (character === '"' || character === "'") return this.#quoted(character)
    if (character === '.') return this.#dot()
    if (/[+\-\d]/.test(character)) return this.#number()
    if (/[\p{L}\d]/u.test(character)) return this.#identifier()
    throw new JsonPathSyntaxError(
      `unrecognized character in action: U+${hex(character)} '${character}'`,
    )
  }

  #dot(): Node {
    this.#at++
    if (this.#peek() === '.') {
      this.#at++
      if (/[\w*]/.test(this.#peek())) this.#at--
      return { type: 'recursive' }
    }
    return this.#field()
  }

  #field(): Node {
    if (this.#peek() === '*') {
      this.#at++
      return { type: 'wildcard' }
    }
    let name = ''
    while (this.#at < this.#input.length && !/[\s.,[\]$@{}]/.test(this.#peek())) {
      if (this.#peek() === '\\') this.#at++
      name += this.#peek()
      this.#at++
    }
    return { type: 'field', name }
  }

  #number(): Node {
    const [text = ''] = /^[+-]?\d+(\.\d+)?/.exec(this.#input.slice(this.#at)) ?? []
    if (text === '') throw new JsonPathSyntaxError(`cannot parse number ${this.#peek()}`)
    this.#at += text.length
    return { type: 'literal', value: Number(text) }
  }

  #identifier(): Node {
    const [name = ''] = /^[\p{L}\p{N}_-]+/u.exec(this.#input.slice(this.#at)) ?? []
    this.#at += name.length
    if (name === 'true' || name === 'false') return { type: 'literal', value: name === 'true' }
    return { type: 'identifier', name }
  }

  #quoted(mark: string): Node {
    const start = this.#at
    this.#at++
    while (this.#at < this.#input.length && this.#peek() !== mark) {
      this.#at += this.#peek() === '\\' ? 2 : 1
    }
    if (this.#peek() !== mark) throw new JsonPathSyntaxError('unterminated quoted string')
    this.#at++
    return { type: 'text', text: unquote(this.#input.slice(start, this.#at)) }
  }

  /** `[0]`, `[1:3]`, `[*]`, `['a']`, `[0,'b']`, `[?(@.a=="b")]` */
  #bracket(): Node {
    const inside = this.#closeBracket()
    if (inside.startsWith('?(') && inside.endsWith(')')) return this.#filter(inside.slice(2, -1))
    const parts = splitUnion(inside)
    if (parts.length > 1) {
      const nodes = parts.map((part) => new Parser(`{[${part.trim()}]}`).parse())
      return { type: 'union', nodes: nodes.flat() }
    }
    return bracketOf(inside)
  }

  /** The text between the brackets; moves behind them. */
  #closeBracket(): string {
    const start = this.#at + 1
    let depth = 0
    let mark = ''
    for (; this.#at < this.#input.length; this.#at++) {
      const character = this.#peek()
      if (mark !== '') {
        if (character === '\\') this.#at++
        else if (character === mark) mark = ''
      } else if (character === '"' || character === "'") mark = character
      else if (character === '[') depth++
      else if (character === ']' && --depth === 0) {
        this.#at++
        return this.#input.slice(start, this.#at - 1)
      }
    }
    throw new JsonPathSyntaxError('unterminated array')
  }

  #filter(text: string): Node {
    if (++this.#depth > limits.nestingMax) throw new JsonPathSyntaxError('nested too deeply')
    const operator = findOperator(text)
    if (!operator) {
      return { type: 'filter', left: operand(text), right: undefined, operator: 'exists' }
    }
    const left = operand(text.slice(0, operator.at))
    const right = operand(text.slice(operator.at + operator.text.length))
    return { type: 'filter', left, right, operator: operator.text }
  }
}

const operand = (text: string): Node => ({
  type: 'list',
  nodes: new Parser(`{${text.trim()}}`).parse(),
})

/** The first comparison outside quotes. */
function findOperator(text: string): { at: number; text: string } | undefined {
  const pattern = /"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|(==|!=|<=|>=|<|>)/g
  for (const match of text.matchAll(pattern)) {
    if (match[1]) return { at: match.index, text: match[1] }
  }
  return undefined
}

function splitUnion(text: string): string[] {
  const parts = text.match(/(?:"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|[^,"'])+/g)
  return parts ?? [text]
}

function bracketOf(text: string): Node {
  const field = /^'((?:[^'\\]|\\.)*)'$/.exec(text)
  if (field) {
    return { type: 'list', nodes: new Parser(`{.${field[1]}}`).parse() }
  }
  const slice = /^(-?\d*)(:-?\d*)?(:-?\d*)?$/.exec(text.trim())
  if (text.trim() === '*')
    return { type: 'array', bounds: [bound(''), bound(''), bound('')], isSlice: true }
  if (!slice || text.trim() === '') {
    throw new JsonPathSyntaxError(`invalid array index ${text}`)
  }
  const [, first = '', second, third] = slice
  const isSlice = second !== undefined
  return {
    type: 'array',
    isSlice,
    bounds: [bound(first), bound((second ?? '').slice(1)), bound((third ?? '').slice(1))],
  }
}

const bound = (text: string): Bound => ({ known: text !== '', value: Number(text || 0) })

const hex = (character: string): string =>
  (character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', b: '\b', f: '\f' }

export const unquote = (quoted: string): string =>
  quoted.slice(1, -1).replace(/\\(.)/g, (_, letter: string) => ESCAPES[letter] ?? letter)
