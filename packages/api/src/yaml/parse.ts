import {
  EVENT_ID,
  type Event,
  getScalarValue,
  parseEvents,
  SCALAR_STYLE,
  YAMLException,
} from 'js-yaml'
import { setOwn } from '../json/equality.js'
import { asGoError, YamlError } from './errors.js'
import { type Resolved, resolvePlain } from './resolve.js'

export interface ParsedYaml {
  /** What the document says, as JSON can say it. Nothing in it is shared. */
  readonly value: unknown
  /** `line 6: key "a" already set in map`, one for each key that stands again. The last counts. */
  readonly duplicates: readonly string[]
}

const DEPTH_MAX = 1000

/**
 * Reads one YAML 1.1 document as Kubernetes does: `yes`, `on`, `y` and the like are booleans,
 * `0644` is octal, times stay strings, keys become strings. An empty document is null.
 * Throws `YamlError`.
 */
export function parseYaml(text: string): ParsedYaml {
  const [document, ...more] = parseYamlStream(text)
  if (more.length > 0) throw new YamlError('yaml: expected one document in the stream')
  return document ?? { value: null, duplicates: [] }
}

/** All documents of a stream, as `parseYaml` reads each. */
export function parseYamlStream(text: string): ParsedYaml[] {
  const documents: ParsedYaml[] = []
  const events = eventsOf(text)
  let position = 0
  while (position < events.length) {
    const composer = new Composer(text, events, position)
    const value = composer.document()
    documents.push({ value, duplicates: composer.duplicates })
    position = composer.position
  }
  return documents
}

function eventsOf(text: string): Event[] {
  try {
    return parseEvents(text, { maxDepth: DEPTH_MAX })
  } catch (error) {
    if (error instanceof YAMLException) throw asGoError(error, text)
    throw error
  }
}

/** Where an anchored node begins, so that an alias can compose it again. */
interface Anchor {
  readonly position: number
  /** Still being read: an alias here would contain itself. */
  open: boolean
}

const ALIASES_FREE = 100
const NODES_FREE = 1000

type Ranges = { readonly anchorStart: number; readonly anchorEnd: number }

class Composer {
  readonly duplicates: string[] = []
  position: number
  readonly #source: string
  readonly #events: readonly Event[]
  readonly #anchors = new Map<string, Anchor>()
  #nodes = 0
  #aliasedNodes = 0
  #aliasDepth = 0

  constructor(source: string, events: readonly Event[], position: number) {
    this.#source = source
    this.#events = events
    this.position = position
  }

  document(): unknown {
    this.position++
    let value: unknown = null
    if (this.#peek().type !== EVENT_ID.POP) value = this.#node()
    this.position++
    return value
  }

  #peek(): Event {
    return this.#events[this.position] as Event
  }

  #node(): unknown {
    this.#count()
    const event = this.#events[this.position++] as Event
    switch (event.type) {
      case EVENT_ID.SCALAR:
        return this.#anchored(event, () => toJson(this.#scalar(event)))
      case EVENT_ID.SEQUENCE:
        return this.#anchored(event, () => this.#sequence())
      case EVENT_ID.MAPPING:
        return this.#anchored(event, () => this.#mapping())
      case EVENT_ID.ALIAS:
        return this.#alias(this.#source.slice(event.anchorStart, event.anchorEnd))
      default:
        throw new YamlError('yaml: unknown problem parsing YAML content')
    }
  }

  #anchored(event: Ranges, read: () => unknown): unknown {
    if (event.anchorStart < 0 || this.#aliasDepth > 0) return read()
    const name = this.#source.slice(event.anchorStart, event.anchorEnd)
    const anchor: Anchor = { position: this.position - 1, open: true }
    this.#anchors.set(name, anchor)
    const value = read()
    anchor.open = false
    return value
  }

  /** Reads the anchored node again: JSON knows no sharing, and copies must be counted. */
  #alias(name: string): unknown {
    const anchor = this.#anchors.get(name)
    if (!anchor) throw new YamlError(`yaml: unknown anchor '${name}' referenced`)
    if (anchor.open) throw new YamlError(`yaml: anchor '${name}' value contains itself`)
    const back = this.position
    this.position = anchor.position
    this.#aliasDepth++
    const value = this.#node()
    this.#aliasDepth--
    this.position = back
    return value
  }

  /** A few lines of aliases can stand for billions of nodes; Go's library stops by this measure. */
  #count(): void {
    this.#nodes++
    if (this.#aliasDepth > 0) this.#aliasedNodes++
    if (this.#aliasedNodes <= ALIASES_FREE || this.#nodes <= NODES_FREE) return
    if (this.#aliasedNodes / this.#nodes > allowedAliasRatio(this.#nodes))
      throw new YamlError('yaml: document contains excessive aliasing')
  }

  #sequence(): unknown[] {
    const items: unknown[] = []
    while (this.#peek().type !== EVENT_ID.POP) items.push(this.#node())
    this.position++
    return items
  }

  #mapping(): Record<string, unknown> {
    const target: Record<string, unknown> = {}
    const explicit = new Set<string>()
    while (this.#peek().type !== EVENT_ID.POP) {
      const event = this.#peek()
      const key = this.#key()
      const value = this.#node()
      if (key === undefined) {
        merge(target, value, explicit)
        continue
      }
      if (explicit.has(key)) this.#noteDuplicate(key, event)
      explicit.add(key)
      setOwn(target, key, value)
    }
    this.position++
    return target
  }

  /** undefined for the merge key. */
  #key(): string | undefined {
    const event = this.#peek()
    if (event.type !== EVENT_ID.SCALAR) {
      const key = this.#node()
      if (typeof key === 'object')
        throw new YamlError(`yaml: invalid map key: ${JSON.stringify(key)}`)
      return String(key)
    }
    this.position++
    this.#count()
    return this.#anchoredKey(event)
  }

  #anchoredKey(event: Event & { type: typeof EVENT_ID.SCALAR }): string | undefined {
    const resolved = this.#scalar(event)
    if (resolved.type === 'merge') return undefined
    const key = this.#anchored(event, () => toJson(resolved))
    return key === null ? 'null' : String(key)
  }

  #noteDuplicate(key: string, event: Event): void {
    const offset = event.type === EVENT_ID.SCALAR ? event.valueStart : 0
    const line = this.#source.slice(0, offset).split('\n').length
    this.duplicates.push(`line ${line}: key ${JSON.stringify(key)} already set in map`)
  }

  #scalar(event: Event & { type: typeof EVENT_ID.SCALAR }): Scalar {
    const text = event.valueStart < 0 ? '' : getScalarValue(this.#source, event)
    const tag = event.tagStart < 0 ? '' : this.#source.slice(event.tagStart, event.tagEnd)
    if (tag === '!!binary')
      return { type: 'string', text: Buffer.from(text, 'base64').toString('utf8') }
    const isPlain = event.style === SCALAR_STYLE.PLAIN
    if (tag === '' ? !isPlain : !RESOLVING_TAGS.has(tag)) return { type: 'string', text }
    const resolved = resolvePlain(text)
    if (tag === '!!float' && resolved.type === 'int') return { ...resolved, type: 'float', text }
    if (tag !== '' && tag !== `!!${resolved.type}`)
      throw new YamlError(`yaml: cannot decode !!str \`${text}\` as a ${tag}`)
    return { ...resolved, text }
  }
}

type Scalar = Resolved & { readonly text: string }

const RESOLVING_TAGS = new Set(['!!null', '!!bool', '!!int', '!!float', '!!merge'])

function toJson(scalar: Scalar): unknown {
  switch (scalar.type) {
    case 'null':
      return null
    case 'bool':
    case 'int':
      return scalar.value
    case 'float':
      if (!Number.isFinite(scalar.value))
        throw new YamlError(`json: unsupported value: ${goInfinity(scalar.value)}`)
      return scalar.value
    default:
      return scalar.text
  }
}

function goInfinity(value: number): string {
  if (Number.isNaN(value)) return 'NaN'
  return value > 0 ? '+Inf' : '-Inf'
}

function merge(target: Record<string, unknown>, value: unknown, explicit: Set<string>): void {
  // Of several maps the first counts, so the last is put in first.
  const sources = Array.isArray(value) ? [...value].reverse() : [value]
  for (const source of sources) {
    if (typeof source !== 'object' || source === null || Array.isArray(source))
      throw new YamlError('yaml: map merge requires map or sequence of maps as the value')
    for (const [key, each] of Object.entries(source))
      if (!explicit.has(key)) setOwn(target, key, each)
  }
}

function allowedAliasRatio(nodes: number): number {
  const low = 400_000
  const high = 4_000_000
  if (nodes <= low) return 0.99
  if (nodes >= high) return 0.1
  return 0.99 - (0.89 * (nodes - low)) / (high - low)
}
