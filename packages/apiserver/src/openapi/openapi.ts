import { createHash } from 'node:crypto'
import {
  type ApiResponse,
  encodeJsonText,
  type ResourceCatalog,
  type ResourceDefinition,
} from '@miniplane/api'
import { bytesResponse, JSON_TYPE, pageNotFound, textResponse } from '../negotiation/respond.js'
import type { RequestContext } from '../pipeline/stage.js'
import { DefinitionWriter, type Dialect, type Json } from './definitions.js'
import { Descriptions } from './descriptions.js'
import { encodeGnostic } from './gnostic.js'
import { PathWriter } from './paths.js'

interface Document {
  readonly source: readonly ResourceDefinition[]
  readonly bytes: Uint8Array
  readonly hash: string
}

const PROTOBUF_TYPE = 'application/com.github.proto-openapi.spec.v2.v1.0+protobuf'
/** As it is spelled today, and as it was before 1.24. */
const PROTOBUF = /^application\/com\.github\.proto-openapi\.spec\.v2[.@]v1\.0\+protobuf$/

const INFO = { title: 'Kubernetes', version: '1.36' }

/** `/openapi/v3` and `/openapi/v2`: written from the catalog when somebody asks, and then kept. */
export class OpenApi {
  readonly #catalog: ResourceCatalog
  #descriptions: Promise<Descriptions> | undefined
  /** By `api/v1`, `apis/apps/v1`, … and `v2`, as long as the definitions behind one are the same. */
  readonly #documents = new Map<string, Document>()

  constructor(catalog: ResourceCatalog) {
    this.#catalog = catalog
  }

  async handle({ request }: RequestContext, rest: readonly string[]): Promise<ApiResponse> {
    const [version, ...path] = rest
    if (request.method !== 'GET') return pageNotFound()
    if (version === 'v2' && path.length === 0) return this.#v2(request.headers.accept ?? '')
    if (version !== 'v3') return pageNotFound()
    if (path.length === 0)
      return request.path.endsWith('/') ? NOTHING_HERE : textResponse(200, await this.#index())
    const document = await this.#groupVersion(path.join('/'))
    return document ? bytesResponse(200, JSON_TYPE, document.bytes) : NOTHING_HERE
  }

  async #v2(accept: string): Promise<ApiResponse> {
    const wanted = accept.split(',').map((clause) => clause.split(';', 1)[0]?.trim())
    const isProtobuf = wanted.some((type) => type !== undefined && PROTOBUF.test(type))
    if (accept !== '' && !isProtobuf && !/\*\/\*|application\/json/.test(accept))
      return { status: 406, headers: {}, body: { kind: 'none' } }
    const name = isProtobuf ? 'v2 in protobuf' : 'v2'
    const { bytes } = await this.#document(name, this.#catalog.all(), 2, isProtobuf)
    return bytesResponse(200, isProtobuf ? PROTOBUF_TYPE : JSON_TYPE, bytes)
  }

  async #index(): Promise<string> {
    const paths: Json = {}
    for (const path of this.#groupVersions().keys()) {
      const document = await this.#groupVersion(path)
      paths[path] = { serverRelativeURL: `/openapi/v3/${path}?hash=${document?.hash ?? ''}` }
    }
    return encodeJsonText({ paths })
  }

  #groupVersions(): ReadonlyMap<string, readonly ResourceDefinition[]> {
    const byPath = new Map<string, ResourceDefinition[]>()
    for (const definition of this.#catalog.all()) {
      const { group, version } = definition
      const path = group === '' ? `api/${version}` : `apis/${group}/${version}`
      const list = byPath.get(path)
      if (list) list.push(definition)
      else byPath.set(path, [definition])
    }
    return byPath
  }

  async #groupVersion(path: string): Promise<Document | undefined> {
    const definitions = this.#groupVersions().get(path)
    return definitions && this.#document(path, definitions, 3)
  }

  async #document(
    name: string,
    source: readonly ResourceDefinition[],
    dialect: Dialect,
    isProtobuf = false,
  ): Promise<Document> {
    const known = this.#documents.get(name)
    if (known && isSame(known.source, source)) return known
    this.#descriptions ??= Descriptions.load()
    const written = write(source, dialect, await this.#descriptions)
    const bytes = isProtobuf ? encodeGnostic(written) : Buffer.from(encodeJsonText(written))
    const hash = createHash('sha256').update(bytes).digest('hex').toUpperCase()
    const document = { source, bytes, hash }
    this.#documents.set(name, document)
    return document
  }
}

function write(
  definitions: readonly ResourceDefinition[],
  dialect: Dialect,
  descriptions: Descriptions,
): Json {
  const schemas = new DefinitionWriter(dialect, descriptions, kindsOf(definitions))
  const writer = new PathWriter(dialect, schemas)
  for (const definition of definitions) writer.add(definition)
  const { paths } = writer
  return dialect === 3
    ? { openapi: '3.0.0', info: INFO, paths, components: { schemas: schemas.definitions } }
    : { swagger: '2.0', info: INFO, paths, definitions: schemas.definitions }
}

/** Which kinds a type stands for. */
function kindsOf(definitions: readonly ResourceDefinition[]): Map<string, Json[]> {
  const kinds = new Map<string, Json[]>([
    ['meta.v1.Status', [{ group: '', version: 'v1', kind: 'Status' }]],
    ['meta.v1.DeleteOptions', [{ group: '', version: 'v1', kind: 'DeleteOptions' }]],
    ['autoscaling.v1.Scale', [{ group: 'autoscaling', version: 'v1', kind: 'Scale' }]],
  ])
  for (const { schema, group, version, kind, listKind } of definitions) {
    const prefix = schema.name.slice(0, schema.name.lastIndexOf('.'))
    kinds.set(schema.name, [{ group, version, kind }])
    kinds.set(`${prefix}.${listKind}`, [{ group, version, kind: listKind }])
  }
  return kinds
}

const isSame = (a: readonly unknown[], b: readonly unknown[]) =>
  a.length === b.length && a.every((one, i) => one === b[i])

const NOTHING_HERE: ApiResponse = { status: 404, headers: {}, body: { kind: 'none' } }
