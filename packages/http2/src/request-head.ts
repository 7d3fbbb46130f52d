import type { HeaderDecoder } from './hpack/decoder.js'
import type { HeaderFields, RequestHead } from './stream.js'

/** What a block of header fields turned out to be. */
export type HeadBlock = Head | 'malformed' | 'tooLarge'

interface CachedHead {
  readonly block: Buffer
  readonly head: Head
}

const CACHED_MAX = 8
const CACHED_BLOCK_BYTES_MAX = 512

/**
 * Reads the heads of one connection's requests. Clients say nearly the same head again and again, in
 * the same few bytes: those blocks that change nothing about the table are known by their bytes, and
 * the same head is answered for them.
 */
export class HeadReader {
  readonly #decoder: HeaderDecoder
  /** The most recent first; all of the same generation. */
  #cached: CachedHead[] = []
  #generation = -1

  constructor(decoder: HeaderDecoder) {
    this.#decoder = decoder
  }

  /** Throws a `ConnectionError`. */
  head(bytes: Buffer, start: number, end: number): HeadBlock {
    const decoder = this.#decoder
    if (this.#generation !== decoder.generation) {
      this.#generation = decoder.generation
      if (this.#cached.length > 0) this.#cached = []
    } else {
      const known = this.#find(bytes, start, end)
      if (known !== undefined) return known
    }
    const fields = decoder.decode(bytes, start, end)
    if (fields === undefined) return 'tooLarge'
    const head = headOf(fields)
    if (head === undefined) return 'malformed'
    if (this.#generation === decoder.generation && end - start <= CACHED_BLOCK_BYTES_MAX) {
      if (this.#cached.length === CACHED_MAX) this.#cached.pop()
      this.#cached.unshift({ block: Buffer.from(bytes.subarray(start, end)), head })
    }
    return head
  }

  /** Undefined: not what trailers may be. Too many are left out. */
  trailers(bytes: Buffer, start: number, end: number): HeaderFields | undefined {
    const fields = this.#decoder.decode(bytes, start, end) ?? []
    for (let i = 0; i < fields.length; i += 2) {
      if (!isField(fields[i] as string, fields[i + 1] as string)) return undefined
    }
    return fields
  }

  #find(bytes: Buffer, start: number, end: number): Head | undefined {
    const cached = this.#cached
    for (let i = 0; i < cached.length; i++) {
      const one = cached[i] as CachedHead
      if (!isSame(one.block, bytes, start, end)) continue
      if (i > 0) {
        cached.splice(i, 1)
        cached.unshift(one)
      }
      return one.head
    }
    return undefined
  }
}

function isSame(block: Buffer, bytes: Buffer, start: number, end: number): boolean {
  const length = block.length
  if (length !== end - start) return false
  for (let i = 0; i < length; i++) if (block[i] !== bytes[start + i]) return false
  return true
}

export class Head implements RequestHead {
  readonly method: string
  readonly path: string
  readonly scheme: string
  readonly authority: string
  readonly fields: HeaderFields
  /** NaN: it is no length. */
  readonly contentLength: number | undefined

  constructor(pseudo: Pseudo, fields: HeaderFields) {
    this.method = pseudo.method
    this.path = pseudo.path
    this.scheme = pseudo.scheme
    this.fields = fields
    this.authority = pseudo.authority || (this.get('host') ?? '')
    const length = this.get('content-length')
    if (length !== undefined) {
      this.contentLength = /^\d{1,15}$/.test(length) ? Number(length) : Number.NaN
    }
  }

  get(name: string): string | undefined {
    const { fields } = this
    for (let i = 0; i < fields.length; i += 2) if (fields[i] === name) return fields[i + 1]
    return undefined
  }
}

interface Pseudo {
  method: string
  path: string
  scheme: string
  authority: string
}

/** Undefined: malformed. Source: RFC 9113, 8.2 and 8.3. */
function headOf(all: readonly string[]): Head | undefined {
  const pseudo: Pseudo = { method: '', path: '', scheme: '', authority: '' }
  let at = 0
  for (; at < all.length && isPseudoName(all[at] as string); at += 2) {
    if (!takePseudo(pseudo, all[at] as string, all[at + 1] as string)) return undefined
  }
  if (pseudo.method === 'CONNECT') {
    if (pseudo.scheme !== '' || pseudo.path !== '' || pseudo.authority === '') return undefined
  } else if (pseudo.method === '' || pseudo.scheme === '' || !isPath(pseudo.path)) return undefined
  const fields = all.slice(at)
  for (let i = 0; i < fields.length; i += 2) {
    if (!isField(fields[i] as string, fields[i + 1] as string)) return undefined
  }
  const head = new Head(pseudo, fields)
  return Number.isNaN(head.contentLength) ? undefined : head
}

const COLON = 0x3a

const isPseudoName = (name: string): boolean => name.charCodeAt(0) === COLON

const isPath = (path: string): boolean => path.startsWith('/') || path === '*'

function takePseudo(pseudo: Pseudo, name: string, value: string): boolean {
  if (!isValue(value)) return false
  const key = PSEUDO_KEYS.get(name)
  if (key === undefined || value === '' || pseudo[key] !== '') return false
  pseudo[key] = value
  return true
}

const PSEUDO_KEYS: ReadonlyMap<string, keyof Pseudo> = new Map([
  [':method', 'method'],
  [':path', 'path'],
  [':scheme', 'scheme'],
  [':authority', 'authority'],
])

/** These speak about a connection of HTTP/1.1. Source: RFC 9113, 8.2.2. */
const OF_CONNECTIONS: ReadonlySet<string> = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'transfer-encoding',
  'upgrade',
])

function isField(name: string, value: string): boolean {
  if (!isName(name) || !isValue(value) || OF_CONNECTIONS.has(name)) return false
  return name !== 'te' || value === 'trailers'
}

/** Source: RFC 9113, 8.2.1. */
function isName(name: string): boolean {
  if (name === '') return false
  for (let i = 0; i < name.length; i++) {
    const code = name.charCodeAt(i)
    if (code <= 0x20 || code >= 0x7f || code === COLON || (code >= 0x41 && code <= 0x5a)) {
      return false
    }
  }
  return true
}

function isValue(value: string): boolean {
  for (let i = 0; i < value.length; i++) {
    const code = value.charCodeAt(i)
    if (code === 0 || code === 0x0a || code === 0x0d) return false
  }
  return (
    value === '' || !(isBlank(value.charCodeAt(0)) || isBlank(value.charCodeAt(value.length - 1)))
  )
}

const isBlank = (code: number): boolean => code === 0x20 || code === 0x09
