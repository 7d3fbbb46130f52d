import { createHash } from 'node:crypto'
import { encodeJsonText, type ResourceDefinition } from '@miniplane/api'
import { DefinitionWriter, type Dialect, type Json } from './definitions.js'
import type { Descriptions } from './descriptions.js'
import { encodeGnostic } from './gnostic.js'
import type { Paths } from './operation.js'
import { Parameters } from './parameters.js'
import { ResourceOperations, type ReturnsDeletedObject } from './resource-operations.js'
import type { RootPath } from './root-operations.js'
import { PathsWriter } from './write-paths.js'

const INFO = { title: 'Kubernetes', version: '1.36' }
const BEARER_TOKEN = {
  description: 'Bearer Token authentication',
  in: 'header',
  name: 'authorization',
  type: 'apiKey',
}

/** What a document is about. */
export interface Contents {
  readonly definitions: readonly ResourceDefinition[]
  /** All that the server has, whatever this document is about. */
  readonly everything: readonly ResourceDefinition[]
  readonly roots: readonly RootPath[]
}

/** An OpenAPI document with its encoded forms: JSON at once, protobuf when somebody asks. */
export class Document {
  readonly json: Buffer
  /** Of the JSON, and stands for the protobuf too. */
  readonly hash: string
  readonly writtenMs: number
  readonly #dialect: Dialect
  #protobuf: Uint8Array | undefined

  constructor(written: Json, dialect: Dialect, writtenMs: number) {
    this.json = Buffer.from(encodeJsonText(written))
    this.hash = createHash('sha512').update(this.json).digest('hex').toUpperCase()
    this.writtenMs = writtenMs
    this.#dialect = dialect
  }

  get etag(): string {
    return `"${this.hash}"`
  }

  get protobuf(): Uint8Array {
    this.#protobuf ??= encodeGnostic(JSON.parse(this.json.toString()), this.#dialect)
    return this.#protobuf
  }
}

export function writeDocument(
  { definitions, everything, roots }: Contents,
  dialect: Dialect,
  descriptions: Descriptions,
  returnsDeleted: ReturnsDeletedObject,
): Json {
  const schemas = new DefinitionWriter(
    dialect,
    descriptions,
    kindsOf(everything, dialect === 3 ? definitions : everything),
  )
  const operations = new ResourceOperations(schemas, new Parameters(descriptions), returnsDeleted)
  const paths: Paths = new Map()
  for (const root of roots) root.add(paths, schemas)
  for (const definition of definitions) operations.addTo(paths, definition)
  const writer = new PathsWriter(dialect)
  const written = writer.write(paths)
  const types = Object.fromEntries(
    Object.entries(schemas.definitions).sort(([a], [b]) => (a < b ? -1 : 1)),
  )
  if (dialect === 3)
    return {
      openapi: '3.0.0',
      info: INFO,
      paths: written,
      components: {
        ...(Object.keys(types).length > 0 && { schemas: types }),
        securitySchemes: { BearerToken: BEARER_TOKEN },
      },
    }
  return {
    swagger: '2.0',
    info: INFO,
    paths: written,
    definitions: types,
    parameters: writer.parameters,
    securityDefinitions: { BearerToken: BEARER_TOKEN },
    security: [{ BearerToken: [] }],
  }
}

/** Which kinds a type stands for; what every group version has is told of those of `told`. */
function kindsOf(
  definitions: readonly ResourceDefinition[],
  told: readonly ResourceDefinition[],
): Map<string, Json[]> {
  const kinds = new Map<string, Json[]>([
    ['meta.v1.Status', [{ group: '', version: 'v1', kind: 'Status' }]],
    ['meta.v1.APIGroup', [{ group: '', version: 'v1', kind: 'APIGroup' }]],
    ['meta.v1.APIGroupList', [{ group: '', version: 'v1', kind: 'APIGroupList' }]],
    ['meta.v1.APIResourceList', [{ group: '', version: 'v1', kind: 'APIResourceList' }]],
    ['meta.v1.APIVersions', [{ group: '', version: 'v1', kind: 'APIVersions' }]],
    ['autoscaling.v1.Scale', [{ group: 'autoscaling', version: 'v1', kind: 'Scale' }]],
    ['policy.v1.Eviction', [{ group: 'policy', version: 'v1', kind: 'Eviction' }]],
    [
      'authentication.k8s.io.v1.TokenRequest',
      [{ group: 'authentication.k8s.io', version: 'v1', kind: 'TokenRequest' }],
    ],
  ])
  for (const { schema, group, version, kind, listKind } of definitions) {
    const prefix = schema.name.slice(0, schema.name.lastIndexOf('.'))
    kinds.set(schema.name, [{ group, version, kind }])
    kinds.set(`${prefix}.${listKind}`, [{ group, version, kind: listKind }])
  }
  const versions = new Map<string, Json>([['/v1', { group: '', version: 'v1' }]])
  for (const { group, version } of told) versions.set(`${group}/${version}`, { group, version })
  for (const kind of ['DeleteOptions', 'WatchEvent'])
    kinds.set(
      `meta.v1.${kind}`,
      [...versions.values()].map((one) => ({ ...one, kind })),
    )
  return kinds
}
