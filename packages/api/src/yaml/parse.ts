import { deepCopy, setOwn } from '../json/equality.js'
import { grammarError, type Mark, YamlError } from './errors.js'
import { scalarOf, toJson } from './scalar.js'
import { Scanner, type Token, type TokenType } from './scanner.js'

export interface ParsedYaml {
  /** What the document says, as JSON can say it. Nothing in it is shared. */
  readonly value: unknown
  /** `line 6: key "a" already set in map`, one for each key that stands again. The last counts. */
  readonly duplicates: readonly string[]
}

/**
 * Reads a YAML 1.1 document as Kubernetes does: `yes`, `on`, `y` and the like are booleans, `0644`
 * is octal, times stay strings, keys become strings. An empty document is null. Of a stream of
 * documents only the first is looked at. Throws `YamlError`.
 */
export function parseYaml(text: string): ParsedYaml {
  return new Parser(text).document() ?? { value: null, duplicates: [] }
}

/** All documents of a stream, as `parseYaml` reads each. */
export function parseYamlStream(text: string): ParsedYaml[] {
  const parser = new Parser(text)
  const documents: ParsedYaml[] = []
  for (let next = parser.document(); next; next = parser.document()) documents.push(next)
  return documents
}

/** A finished anchored node, or one that is still being read and so can not be referred to. */
interface Anchor {
  value?: unknown
  nodes: number
  open: boolean
}

const ALIASES_FREE = 100
const NODES_FREE = 1000

class Parser {
  readonly #scanner: Scanner
  #isFirst = true
  #duplicates: string[] = []
  #anchors = new Map<string, Anchor>()
  #handles = new Set<string>()
  #nodes = 0
  #aliasedNodes = 0

  constructor(text: string) {
    this.#scanner = new Scanner(text)
  }

  /** The next document; undefined at the end of the stream. */
  document(): ParsedYaml | undefined {
    this.#duplicates = []
    this.#anchors = new Map()
    this.#nodes = this.#aliasedNodes = 0
    if (!this.#startDocument()) return undefined
    const isEmpty = this.#at('documentStart', 'documentEnd', 'directive', 'streamEnd')
    const value = isEmpty ? null : this.#node('block')
    this.#accept('documentEnd')
    return { value, duplicates: this.#duplicates }
  }

  #startDocument(): boolean {
    const mayBeImplicit = this.#isFirst
    this.#isFirst = false
    if (!mayBeImplicit) while (this.#accept('documentEnd'));
    if (mayBeImplicit && !this.#at('directive', 'documentStart', 'streamEnd')) return true
    this.#handles = new Set(['!', '!!'])
    while (this.#at('directive')) this.#directive(this.#scanner.next())
    if (this.#at('streamEnd')) return false
    const { mark } = this.#scanner.peek()
    if (!this.#accept('documentStart'))
      throw grammarError('did not find expected <document start>', mark)
    return true
  }

  #directive({ text, mark }: Token): void {
    const [name, first = ''] = text.split(/\s+/)
    if (name === '%TAG') this.#handles.add(first)
    else if (name === '%YAML' && !/^1\.\d+$/.test(first))
      throw grammarError('found incompatible YAML document', mark)
  }

  #at(...types: TokenType[]): boolean {
    return types.includes(this.#scanner.peek().type)
  }

  #accept(type: TokenType): boolean {
    if (!this.#at(type)) return false
    this.#scanner.next()
    return true
  }

  /** In a block mapping a sequence may stand at the column of its key: without an indent. */
  #node(context: 'block' | 'blockValue' | 'flow'): unknown {
    this.#count(1)
    if (this.#at('alias')) return this.#alias(this.#scanner.next().text)
    const start = this.#scanner.peek().mark
    const { anchor, tag } = this.#properties()
    if (anchor === undefined) return this.#content(context, tag, start)
    const entry: Anchor = { nodes: this.#nodes, open: true }
    this.#anchors.set(anchor, entry)
    const value = this.#content(context, tag ?? '', start)
    Object.assign(entry, { value, nodes: this.#nodes - entry.nodes + 1, open: false })
    return value
  }

  #properties(): { anchor: string | undefined; tag: string | undefined } {
    let anchor: string | undefined
    let tag: string | undefined
    for (;;) {
      if (anchor === undefined && this.#at('anchor')) anchor = this.#scanner.next().text
      else if (tag === undefined && this.#at('tag')) tag = this.#checkedTag(this.#scanner.next())
      else return { anchor, tag }
    }
  }

  #checkedTag({ text, mark }: Token): string {
    const handle = /^![\w-]*!/.exec(text)?.[0]
    if (handle !== undefined && handle !== '!!' && !this.#handles.has(handle))
      throw grammarError('found undefined tag handle', mark)
    return text
  }

  /** `tag` is undefined when nothing at all stands before the content, so that there must be some. */
  #content(
    context: 'block' | 'blockValue' | 'flow',
    tag: string | undefined,
    start: Mark,
  ): unknown {
    const token = this.#scanner.peek()
    switch (token.type) {
      case 'scalar':
        this.#scanner.next()
        return toJson(scalarOf(token, tag ?? ''))
      case '[':
        return this.#flowSequence()
      case '{':
        return this.#flowMapping()
      case 'blockSequenceStart':
        if (context !== 'flow') return this.#blockSequence()
        break
      case 'blockMappingStart':
        if (context !== 'flow') return this.#blockMapping()
        break
      case 'entry':
        if (context === 'blockValue') return this.#indentlessSequence()
        break
    }
    if (tag !== undefined) return tag === '!!str' ? '' : null
    throw grammarError('did not find expected node content', token.mark, start)
  }

  #alias(name: string): unknown {
    const anchor = this.#anchors.get(name)
    if (!anchor) throw new YamlError(`yaml: unknown anchor '${name}' referenced`)
    if (anchor.open) throw new YamlError(`yaml: anchor '${name}' value contains itself`)
    this.#aliasedNodes += anchor.nodes
    this.#count(anchor.nodes)
    // A copy: JSON knows no sharing, and whoever changes one must not change the other.
    return deepCopy(anchor.value)
  }

  /** A few lines of aliases can stand for billions of nodes; Go's library stops by this measure. */
  #count(nodes: number): void {
    this.#nodes += nodes
    if (this.#aliasedNodes <= ALIASES_FREE || this.#nodes <= NODES_FREE) return
    if (this.#aliasedNodes / this.#nodes > allowedAliasRatio(this.#nodes))
      throw new YamlError('yaml: document contains excessive aliasing')
  }

  #blockSequence(): unknown[] {
    const start = this.#scanner.next().mark
    const items: unknown[] = []
    while (this.#accept('entry'))
      items.push(this.#at('entry', 'blockEnd') ? null : this.#node('block'))
    const { mark } = this.#scanner.peek()
    if (!this.#accept('blockEnd'))
      throw grammarError("did not find expected '-' indicator", mark, start)
    return items
  }

  #indentlessSequence(): unknown[] {
    const items: unknown[] = []
    while (this.#accept('entry'))
      items.push(this.#at('entry', 'key', 'value', 'blockEnd') ? null : this.#node('block'))
    return items
  }

  #blockMapping(): Record<string, unknown> {
    const start = this.#scanner.next().mark
    const mapping = new Mapping(this.#duplicates)
    while (this.#accept('key')) {
      const key = this.#key(!this.#at('key', 'value', 'blockEnd'), 'blockValue')
      const hasValue = this.#accept('value') && !this.#at('key', 'value', 'blockEnd')
      mapping.set(key, hasValue ? this.#node('blockValue') : null)
    }
    const { mark } = this.#scanner.peek()
    if (!this.#accept('blockEnd')) throw grammarError('did not find expected key', mark, start)
    return mapping.target
  }

  #flowSequence(): unknown[] {
    const start = this.#scanner.next().mark
    const items: unknown[] = []
    while (!this.#at(']')) {
      if (items.length > 0) this.#separator("did not find expected ',' or ']'", start)
      if (this.#accept('key')) items.push(this.#flowPair())
      else if (!this.#at(']')) items.push(this.#node('flow'))
    }
    this.#scanner.next()
    return items
  }

  /** `[a: b]` is a list of a map. */
  #flowPair(): Record<string, unknown> {
    const mapping = new Mapping(this.#duplicates)
    const key = this.#key(!this.#at('value', ',', ']'), 'flow')
    const hasValue = this.#accept('value') && !this.#at(',', ']')
    mapping.set(key, hasValue ? this.#node('flow') : null)
    return mapping.target
  }

  #flowMapping(): Record<string, unknown> {
    const start = this.#scanner.next().mark
    const mapping = new Mapping(this.#duplicates)
    for (let isFirst = true; !this.#at('}'); isFirst = false) {
      if (!isFirst) this.#separator("did not find expected ',' or '}'", start)
      if (this.#accept('key')) {
        const key = this.#key(!this.#at('value', ',', '}'), 'flow')
        const hasValue = this.#accept('value') && !this.#at(',', '}')
        mapping.set(key, hasValue ? this.#node('flow') : null)
      } else if (!this.#at('}')) mapping.set(this.#key(true, 'flow'), null)
    }
    this.#scanner.next()
    return mapping.target
  }

  #separator(problem: string, start: Mark): void {
    const { mark } = this.#scanner.peek()
    if (!this.#accept(',')) throw grammarError(problem, mark, start)
  }

  #key(isThere: boolean, context: 'blockValue' | 'flow'): Key {
    const token = this.#scanner.peek()
    if (!isThere) return { text: 'null', mark: token.mark, isMerge: false }
    const isMerge = token.type === 'scalar' && token.style === 'plain' && token.text === '<<'
    const key = this.#node(context)
    if (typeof key === 'object' && key !== null)
      throw new YamlError(`yaml: invalid map key: ${goSyntax(key)}`, token.mark)
    return { text: String(key), mark: token.mark, isMerge }
  }
}

/** As Go's %#v prints what its library made of a node. */
function goSyntax(value: unknown): string {
  if (value === null) return 'interface {}(nil)'
  if (typeof value !== 'object') return JSON.stringify(value)
  if (Array.isArray(value)) return `[]interface {}{${value.map(goSyntax).join(', ')}}`
  const pairs = Object.entries(value).map(
    ([key, each]) => `${JSON.stringify(key)}:${goSyntax(each)}`,
  )
  return `map[interface {}]interface {}{${pairs.join(', ')}}`
}

interface Key {
  readonly text: string
  readonly mark: Mark
  readonly isMerge: boolean
}

class Mapping {
  readonly target: Record<string, unknown> = {}
  readonly #explicit = new Set<string>()
  readonly #duplicates: string[]

  constructor(duplicates: string[]) {
    this.#duplicates = duplicates
  }

  set({ text, mark, isMerge }: Key, value: unknown): void {
    if (isMerge) {
      this.#merge(value)
      return
    }
    if (this.#explicit.has(text))
      this.#duplicates.push(`line ${mark.line + 1}: key ${JSON.stringify(text)} already set in map`)
    this.#explicit.add(text)
    setOwn(this.target, text, value)
  }

  #merge(value: unknown): void {
    // Of several maps the first counts, so the last is put in first.
    for (const source of Array.isArray(value) ? [...value].reverse() : [value]) {
      if (typeof source !== 'object' || source === null || Array.isArray(source))
        throw new YamlError('yaml: map merge requires map or sequence of maps as the value')
      for (const [key, each] of Object.entries(source))
        if (!this.#explicit.has(key)) setOwn(this.target, key, each)
    }
  }
}

function allowedAliasRatio(nodes: number): number {
  const low = 400_000
  const high = 4_000_000
  if (nodes <= low) return 0.99
  if (nodes >= high) return 0.1
  return 0.99 - (0.89 * (nodes - low)) / (high - low)
}
