import { functions } from './functions.js'

/** The template is not Go's; the message is Go's. */
export class GoTemplateSyntaxError extends Error {}

export type Operand =
  | { readonly type: 'literal'; readonly value: unknown }
  | ({ readonly type: 'field' } & Path)
  | ({ readonly type: 'variable'; readonly name: string } & Path)
  | { readonly type: 'function'; readonly name: string }
  | ({ readonly type: 'pipeline'; readonly pipeline: Pipeline } & Path)

/** Fields to follow, and where they are written, for complaints. */
interface Path {
  readonly names: readonly string[]
  readonly source: string
  /** Line, counted from 1, and column, from 0. */
  readonly position: string
}

export interface Pipeline {
  /** `$i, $x := …` */
  readonly declares: readonly string[]
  readonly assigns: boolean
  readonly commands: readonly (readonly Operand[])[]
}

export type TemplateNode =
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'action'; readonly pipeline: Pipeline }
  | {
      readonly type: 'if' | 'range' | 'with'
      readonly pipeline: Pipeline
      readonly body: readonly TemplateNode[]
      readonly otherwise: readonly TemplateNode[]
    }

interface Token {
  readonly kind: 'text' | 'action'
  readonly text: string
  readonly line: number
  /** The column of the text's first character. */
  readonly column: number
}

interface Word {
  readonly text: string
  readonly column: number
}

export function parseTemplate(text: string): TemplateNode[] {
  const parser = new TemplateParser(tokenize(text))
  return parser.parseAll()
}

const refuse = (line: number, message: string): GoTemplateSyntaxError =>
  new GoTemplateSyntaxError(`template: output:${line}: ${message}`)

function tokenize(text: string): Token[] {
  const tokens: Token[] = []
  let at = 0
  let trimNext = false
  while (at < text.length) {
    const open = text.indexOf('{{', at)
    const end = open < 0 ? text.length : open
    const line = text.slice(0, end).split('\n').length
    let plain = text.slice(at, end)
    if (trimNext) plain = plain.trimStart()
    const trimsBefore = open >= 0 && /^\{\{-\s/.test(text.slice(open))
    if (trimsBefore) plain = plain.trimEnd()
    if (plain !== '') tokens.push({ kind: 'text', text: plain, line, column: 0 })
    if (open < 0) break
    const close = endOfAction(text, open + 2)
    if (close < 0) throw refuse(line, 'unclosed action')
    const start = open + (trimsBefore ? 3 : 2)
    let action = text.slice(start, close)
    trimNext = /\s-$/.test(action)
    if (trimNext) action = action.slice(0, -1)
    if (!action.trim().startsWith('/*')) {
      const begin = start + action.length - action.trimStart().length
      const column = begin - (text.lastIndexOf('\n', begin) + 1)
      tokens.push({ kind: 'action', text: action.trim(), line, column })
    }
    at = close + 2
  }
  return tokens
}

/** Where `}}` stands outside quotes; -1 when it doesn't. */
function endOfAction(text: string, start: number): number {
  const pattern = /"(?:[^"\\]|\\.)*"|`[^`]*`|(\}\})/gs
  pattern.lastIndex = start
  for (let match = pattern.exec(text); match; match = pattern.exec(text)) {
    if (match[1]) return match.index
  }
  return -1
}

class TemplateParser {
  #at = 0

  constructor(readonly tokens: readonly Token[]) {}

  parseAll(): TemplateNode[] {
    const { nodes, stop } = this.#list()
    if (stop !== undefined) throw refuse(this.#line(), `unexpected {{${stop}}}`)
    return nodes
  }

  #line(): number {
    return this.tokens[Math.min(this.#at, this.tokens.length - 1)]?.line ?? 1
  }

  /** Nodes up to `end` or `else`, or to the end of the template. */
  #list(): { nodes: TemplateNode[]; stop: string | undefined } {
    const nodes: TemplateNode[] = []
    while (this.#at < this.tokens.length) {
      const token = this.tokens[this.#at++] as Token
      if (token.kind === 'text') {
        nodes.push({ type: 'text', text: token.text })
        continue
      }
      const [word = ''] = token.text.split(/\s/, 1)
      if (word === 'end' || word === 'else') return { nodes, stop: token.text }
      if (word === 'if' || word === 'range' || word === 'with') {
        nodes.push(this.#block(word, behind(token, word.length)))
      } else nodes.push({ type: 'action', pipeline: parsePipeline(token) })
    }
    return { nodes, stop: undefined }
  }

  #block(type: 'if' | 'range' | 'with', condition: Token): TemplateNode {
    const pipeline = parsePipeline(condition)
    const { nodes: body, stop } = this.#list()
    const last = this.tokens[this.#at - 1] as Token
    if (stop === undefined) throw refuse(this.#line(), 'unexpected EOF')
    if (stop === 'end') return { type, pipeline, body, otherwise: [] }
    const chained = /^else\s+(if|with)\b(.*)$/s.exec(stop)
    if (chained) {
      const inner = this.#block(
        chained[1] as 'if',
        behind(last, stop.length - (chained[2] ?? '').length),
      )
      return { type, pipeline, body, otherwise: [inner] }
    }
    const rest = this.#list()
    if (rest.stop !== 'end') throw refuse(this.#line(), 'unexpected EOF')
    return { type, pipeline, body, otherwise: rest.nodes }
  }
}

/** What stands in an action behind its first word. */
const behind = (token: Token, length: number): Token => ({
  ...token,
  text: token.text.slice(length),
  column: token.column + length,
})

const WORDS =
  /\s*("(?:[^"\\]|\\.)*"|`[^`]*`|'(?:[^'\\]|\\.)*'|:=|[|(),=]|\.\.?[\w.]*|\$\w*(?:\.[\w]+)*|[-+]?\d[\w.]*|\w+)/gsy

function parsePipeline({ text, line, column }: Token): Pipeline {
  const words: Word[] = []
  WORDS.lastIndex = 0
  let end = 0
  for (let match = WORDS.exec(text); match; match = WORDS.exec(text)) {
    const word = match[1] ?? ''
    words.push({ text: word, column: column + WORDS.lastIndex - word.length })
    end = WORDS.lastIndex
  }
  const rest = text.slice(end).trim()
  if (rest !== '') throw refuse(line, `unexpected ${JSON.stringify(rest[0])} in command`)
  const reader = new PipelineParser(words, line)
  return reader.pipeline()
}

class PipelineParser {
  #at = 0

  constructor(
    readonly words: readonly Word[],
    readonly line: number,
  ) {}

  pipeline(): Pipeline {
    const { declares, assigns } = this.#declarations()
    const commands: Operand[][] = [[]]
    for (; this.#at < this.words.length; this.#at++) {
      const word = this.words[this.#at] as Word
      if (word.text === ')') break
      if (word.text === '|') commands.push([])
      else commands.at(-1)?.push(this.#operand(word))
    }
    if (commands.some((command) => command.length === 0)) {
      throw refuse(
        this.line,
        commands.length === 1 ? 'missing value for command' : 'missing value for command',
      )
    }
    return { declares, assigns, commands }
  }

  #declarations(): { declares: string[]; assigns: boolean } {
    const words = this.words.map(({ text }) => text)
    const sign = words.findIndex((word) => word === ':=' || word === '=')
    const isFirst = words[0]?.startsWith('$') ?? false
    if (sign < 0 || !isFirst) return { declares: [], assigns: false }
    this.#at = sign + 1
    return {
      declares: words.slice(0, sign).filter((word) => word !== ','),
      assigns: words[sign] === '=',
    }
  }

  #operand({ text: word, column }: Word): Operand {
    const pathOf = (names: string[], source = word): Path => ({
      names,
      source,
      position: `${this.line}:${column + (names.length > 1 ? source.indexOf('.', 1) : 0)}`,
    })
    if (word === '(') {
      this.#at++
      const inner = new PipelineParser(this.words.slice(this.#at), this.line)
      const pipeline = inner.pipeline()
      this.#at += inner.#at
      const next = this.words[this.#at + 1]?.text ?? ''
      const chained = /^\.\w/.test(next)
      if (chained) this.#at++
      return { type: 'pipeline', pipeline, ...pathOf(chained ? namesOf(next) : [], next) }
    }
    if (word.startsWith('"')) return { type: 'literal', value: JSON.parse(word) }
    if (word.startsWith('`')) return { type: 'literal', value: word.slice(1, -1) }
    if (/^[-+]?\d/.test(word)) return { type: 'literal', value: Number(word) }
    if (word === 'true' || word === 'false') return { type: 'literal', value: word === 'true' }
    if (word === 'nil') return { type: 'literal', value: null }
    if (word.startsWith('$')) {
      const [name = '$', ...names] = word.split('.')
      return { type: 'variable', name, ...pathOf(names) }
    }
    if (word.startsWith('.')) return { type: 'field', ...pathOf(namesOf(word)) }
    if (!(word in functions))
      throw refuse(this.line, `function ${JSON.stringify(word)} not defined`)
    return { type: 'function', name: word }
  }
}

const namesOf = (word: string): string[] => word.split('.').filter((name) => name !== '')
