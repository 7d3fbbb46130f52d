import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import {
  type ApiRequest,
  type ApiResponse,
  type Clock,
  encodeJsonText,
  type ResourceCatalog,
  type ResourceDefinition,
} from '@miniplane/api'
import { MEDIA_TYPES } from '../negotiation/accept.js'
import { parseAccept } from '../negotiation/media-clauses.js'
import { pageNotFound } from '../negotiation/respond.js'
import type { RequestContext } from '../pipeline/stage.js'
import { strategyFor } from '../registry/all.js'
import type { Dialect, Json } from './definitions.js'
import { Descriptions } from './descriptions.js'
import { type Contents, Document, writeDocument } from './document.js'
import { rootPaths } from './root-operations.js'
import { serveContent } from './serve-content.js'

const gzipped = promisify(gzip)

const protobufType = (dialect: Dialect) =>
  `application/com.github.proto-openapi.spec.v${dialect}.v1.0+protobuf`

/** Deleting one only begins its end; that the answer shows how far it is, the documents don't say. */
const ENDS_LATER = new Set(['Namespace', 'CustomResourceDefinition'])

const YEAR_MS = 365 * 24 * 3600 * 1000

interface Known {
  readonly source: readonly ResourceDefinition[]
  readonly document: Document
}

/** `/openapi/v3` and `/openapi/v2`: written from the catalog when somebody asks, and then kept. */
export class OpenApi {
  readonly #catalog: ResourceCatalog
  readonly #clock: Clock
  #descriptions: Promise<Descriptions> | undefined
  /** By `api/v1`, `apis/apps`, … and `v2`, as long as the definitions behind one are the same. */
  readonly #documents = new Map<string, Known>()
  /** By the bytes that were compressed. */
  readonly #gzipped = new WeakMap<Uint8Array, Promise<Uint8Array>>()

  constructor(catalog: ResourceCatalog, clock: Clock) {
    this.#catalog = catalog
    this.#clock = clock
  }

  async handle({ request }: RequestContext, rest: readonly string[]): Promise<ApiResponse> {
    const [version, ...path] = rest
    if (version === 'v2' && path.length === 0) return this.#v2(request)
    if (version !== 'v3') return pageNotFound()
    if (path.length > 0) return this.#v3(request, path.join('/'))
    return request.path.endsWith('/') ? NOTHING_HERE : this.#index(request)
  }

  /** In gzip for who takes it, because nobody could wait for it otherwise. */
  async #v2(request: ApiRequest): Promise<ApiResponse> {
    const isProtobuf = wantsProtobuf(request, 2)
    const accepted = request.headers['accept-encoding'] ?? ''
    const vary = ['Accept-Encoding', 'Accept']
    if (isProtobuf === undefined) return { ...NOT_ACCEPTABLE, headers: { vary } }
    const document = await this.#document('v2', this.#whole(), 2)
    const answer = this.#serve(request, document, isProtobuf ? protobufType(2) : MEDIA_TYPES.json)
    const headers = { ...answer.headers, vary }
    const { body } = answer
    if (body.kind !== 'bytes' || !/\bgzip\b(?!;\s*q=0(\.0*)?\s*(,|$))/.test(accepted))
      return { ...answer, headers }
    const compressed = this.#gzipped.get(body.bytes) ?? gzipped(body.bytes)
    this.#gzipped.set(body.bytes, compressed)
    return {
      ...answer,
      headers: { ...headers, 'content-encoding': 'gzip' },
      body: { kind: 'bytes', bytes: await compressed },
    }
  }

  /** Where each document of version 3 is, and under which hash it will never change. */
  async #index(request: ApiRequest): Promise<ApiResponse> {
    const paths: Json = {}
    const all = this.#contents()
    for (const path of [...all.keys()].sort()) {
      const { hash } = await this.#document(path, all.get(path) as Contents, 3)
      paths[path] = { serverRelativeURL: urlOf(path, hash) }
    }
    return serveContent(request, {
      bytes: Buffer.from(encodeJsonText({ paths })),
      contentType: 'text/plain; charset=utf-8',
      lastModifiedMs: this.#clock.now(),
    })
  }

  async #v3(request: ApiRequest, path: string): Promise<ApiResponse> {
    const contents = this.#contents().get(path)
    if (!contents) return NOTHING_HERE
    const isProtobuf = wantsProtobuf(request, 3)
    const vary = { vary: 'Accept' }
    if (isProtobuf === undefined) return { ...NOT_ACCEPTABLE, headers: vary }
    const document = await this.#document(path, contents, 3)
    const type = isProtobuf ? protobufType(3) : MEDIA_TYPES.json
    const hash = request.query.get('hash')
    if (!hash) return this.#serve(request, document, type, vary)
    if (hash !== document.hash) {
      const headers = {
        ...vary,
        etag: document.etag,
        'content-type': type,
        location: urlOf(path, document.hash),
      }
      return { status: 301, headers, body: { kind: 'none' } }
    }
    const expires = new Date(this.#clock.now() + YEAR_MS).toUTCString().replace('GMT', 'UTC')
    return this.#serve(request, document, type, {
      ...vary,
      'cache-control': 'public, immutable',
      expires,
    })
  }

  #serve(
    request: ApiRequest,
    document: Document,
    contentType: string,
    headers: Readonly<Record<string, string>> = {},
  ): ApiResponse {
    const bytes = contentType === MEDIA_TYPES.json ? document.json : document.protobuf
    const { etag, writtenMs: lastModifiedMs } = document
    return serveContent(request, { bytes, contentType, etag, lastModifiedMs }, headers)
  }

  #whole(): Contents {
    const definitions = this.#catalog.all()
    return { definitions, everything: definitions, roots: rootPaths(definitions) }
  }

  /** What the documents of version 3 are about: one for each root that paths have. */
  #contents(): ReadonlyMap<string, Contents> {
    const { everything, roots } = this.#whole()
    const byRoot = new Map<string, ResourceDefinition[]>(roots.map(({ root }) => [root, []]))
    for (const definition of everything) {
      const { group, version } = definition
      const root = group === '' ? `api/${version}` : `apis/${group}/${version}`
      byRoot.get(root)?.push(definition)
    }
    return new Map(
      roots.map((root) => {
        const definitions = byRoot.get(root.root) ?? []
        return [root.root, { definitions, everything, roots: [root] }]
      }),
    )
  }

  async #document(name: string, contents: Contents, dialect: Dialect): Promise<Document> {
    // Which groups there are is part of what the roots tell only by their number.
    const source = contents.definitions
    const known = this.#documents.get(name)
    if (known && isSame(known.source, source)) return known.document
    this.#descriptions ??= Descriptions.load()
    const descriptions = await this.#descriptions
    const written = writeDocument(
      contents,
      dialect,
      descriptions,
      (definition) =>
        strategyFor(definition).returnsDeletedObject === true && !ENDS_LATER.has(definition.kind),
    )
    const document = new Document(written, dialect, this.#clock.now())
    this.#documents.set(name, { source, document })
    return document
  }
}

/** Undefined: neither of the two is wanted. */
function wantsProtobuf({ headers }: ApiRequest, dialect: Dialect): boolean | undefined {
  // As it is spelled today, and as it was before 1.24.
  const protobuf = new Set([protobufType(dialect), protobufType(dialect).replace('.v1.0', '@v1.0')])
  for (const { type, subtype } of parseAccept(headers.accept || '*/*')) {
    if (type !== '*' && type !== 'application') continue
    if (subtype === '*' || subtype === 'json') return false
    if (protobuf.has(`application/${subtype}`)) return true
  }
  return undefined
}

const urlOf = (path: string, hash: string) => `/openapi/v3/${path}?hash=${hash}`

const isSame = (a: readonly unknown[], b: readonly unknown[]) =>
  a.length === b.length && a.every((one, i) => one === b[i])

const NOTHING_HERE: ApiResponse = { status: 404, headers: {}, body: { kind: 'none' } }
const NOT_ACCEPTABLE: ApiResponse = { status: 406, headers: {}, body: { kind: 'none' } }
