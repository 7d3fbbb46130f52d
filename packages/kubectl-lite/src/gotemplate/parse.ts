/** The template is not Go's; the message is Go's. */
export class GoTemplateSyntaxError extends Error {}

export type Operand =
  | { readonly type: 'literal'; readonly value: unknown }
  | { readonly type: 'field'; readonly names: readonly string[] }
  | { readonly type: 'variable'; readonly name: string; readonly names: readonly string[] }
  | { readonly type: 'function'; readonly name: string }
  | { readonly type: 'pipeline'; readonly pipeline: Pipeline; readonly names: readonly string[] }

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
    if (plain !== '') tokens.push({ kind: 'text', text: plain, line })
    if (open < 0) break
    const close = endOfAction(text, open + 2)
    if (close < 0) throw refuse(line, 'unclosed action')
    let action = text.slice(open + (trimsBefore ? 3 : 2), close)
    trimNext = /\s-$/.test(action)
    if (trimNext) action = action.slice(0, -1)
    if (!action.trim().startsWith('/*')) tokens.push({ kind: 'action', text: action.trim(), line })
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
        nodes.push(this.#block(word, token.text.slice(word.length), token.line))
      } else nodes.push({ type: 'action', pipeline: parsePipeline(token.text, token.line) })
    }
    return { nodes, stop: undefined }
  }

  #block(type: 'if' | 'range' | 'with', condition: string, line: number): TemplateNode {
    const pipeline = parsePipeline(condition, line)
    const { nodes: body, stop } = this.#list()
    if (stop === undefined) throw refuse(this.#line(), 'unexpected EOF')
    if (stop === 'end') return { type, pipeline, body, otherwise: [] }
    const chained = /^else\s+(if|with)\b(.*)$/s.exec(stop)
    if (chained) {
      const inner = this.#block(chained[1] as 'if', chained[2] ?? '', line)
      return { type, pipeline, body, otherwise: [inner] }
    }
    const rest = this.#list()
    if (rest.stop !== 'end') throw refuse(this.#line(), 'unexpected EOF')
    return { type, pipeline, body, otherwise: rest.nodes }
  }
}

const WORDS =
  /\s*("(?:[^"\\]|\\.)*"|`[^`]*`|'(?:[^'\\]|\\.)*'|:=|[|(),=]|\.\.?[\w.]*|\$\w*(?:\.[\w]+)*|[-+]?\d[\w.]*|\w+)/gsy

function parsePipeline(text: string, line: number): Pipeline {
  const words: string[] = []
  WORDS.lastIndex = 0
  let end = 0
  for (let match = WORDS.exec(text); match; match = WORDS.exec(text)) {
    words.push(match[1] ?? '')
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
    readonly words: readonly string[],
    readonly line: number,
  ) {}

  pipeline(): Pipeline {
    const { declares, assigns } = this.#declarations()
    const commands: Operand[][] = [[]]
    for (; this.#at < this.words.length; this.#at++) {
      const word = this.words[this.#at] ?? ''
      if (word === ')') break
      if (word === '|') commands.push([])
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
    const sign = this.words.findIndex((word) => word === ':=' || word === '=')
    const isFirst = this.words[0]?.startsWith('$') ?? false
    if (sign < 0 || !isFirst) return { declares: [], assigns: false }
    this.#at = sign + 1
    return {
      declares: this.words.slice(0, sign).filter((word) => word !== ','),
      assigns: this.words[sign] === '=',
    }
  }

  #operand(word: string): Operand {
    if (word === '(') {
      this.#at++
      const inner = new PipelineParser(this.words.slice(this.#at), this.line)
      const pipeline = inner.pipeline()
      this.#at += inner.#at
      const next = this.words[this.#at + 1] ?? ''
      const chained = /^\.\w/.test(next)
      if (chained) this.#at++
      return { type: 'pipeline', pipeline, names: chained ? namesOf(next) : [] }
    }
    if (word.startsWith('"')) return { type: 'literal', value: JSON.parse(word) }
    if (word.startsWith('`')) return { type: 'literal', value: word.slice(1, -1) }
    if (/^[-+]?\d/.test(word)) return { type: 'literal', value: Number(word) }
    if (word === 'true' || word === 'false') return { type: 'literal', value: word === 'true' }
    if (word === 'nil') return { type: 'literal', value: null }
    if (word.startsWith('$')) {
      const [name = '$', ...names] = word.split('.')
      return { type: 'variable', name, names }
    }
    if (word.startsWith('.')) return { type: 'field', names: namesOf(word) }
    return { type: 'function', name: word }
  }
}

const namesOf = (word: string): string[] => word.split('.').filter((name) => name !== '')
