import {
  type ApiResponse,
  apiVersionOf,
  badRequest,
  type KubeObject,
  type ListMeta,
  notAcceptable,
  type ResourceDefinition,
} from '@miniplane/api'
import { negotiate, type Representation } from '../negotiation/accept.js'
import { encodeList } from '../negotiation/encode-list.js'
import { respondEncodable, unstored } from '../negotiation/respond.js'
import { type IncludeObject, tableOf } from '../negotiation/table.js'
import type { RequestContext } from '../pipeline/stage.js'
import type { Encodable, StoredObject } from '../storage/stored-object.js'
import type { Scope, Services } from './scope.js'

/** Answers with one object, as whatever the client asked for. */
export function presentObject(
  services: Services,
  scope: Scope,
  context: RequestContext,
  code: number,
  value: Encodable,
): ApiResponse {
  const representation = negotiateObject(context)
  if (!representation.as) return respondEncodable(code, value, representation)
  const converted = convert(services, scope, context, representation, value.object as KubeObject)
  return respondEncodable(code, unstored(converted), representation)
}

/** Checked before a write is made: a client that can't take the answer must not change anything. */
export function negotiateObject(context: RequestContext, isListing = false): Representation {
  const { headers, query } = context.request
  return negotiate(headers, query, 'object', isListing)
}

function convert(
  services: Services,
  scope: Scope,
  context: RequestContext,
  { as }: Representation,
  object: KubeObject,
): unknown {
  if (isStatus(object)) return object
  switch (as?.kind) {
    case 'Table':
      return tableOf(scope.resource, [object], {
        version: as.version,
        metadata: versionOnly(object.metadata.resourceVersion),
        include: includeObjectOf(context),
        nowMs: services.clock.now(),
        withColumns: true,
      })
    case 'PartialObjectMetadata':
      return partialMetadata(object, as.version)
    default:
      throw notAcceptable(
        `you requested ${as?.kind}, but the requested object is not a list (*${goType(scope.definition, false)})`,
      )
  }
}

const isStatus = (object: KubeObject) => object.kind === 'Status' && object.apiVersion === 'v1'
const versionOnly = (resourceVersion: string | undefined): ListMeta =>
  resourceVersion === undefined ? {} : { resourceVersion }

/** Answers with a list, as whatever the client asked for. */
export function presentList(
  services: Services,
  scope: Scope,
  context: RequestContext,
  items: readonly StoredObject[],
  metadata: ListMeta,
  representation: Representation = negotiateObject(context, true),
): ApiResponse {
  const { definition, resource } = scope
  const toServed = resource.conversion?.toServed
  const served = () => items.map(({ object }) => (toServed ? toServed(object) : object))
  const type = { kind: definition.listKind, apiVersion: apiVersionOf(definition) }
  if (!representation.as) {
    const list = { ...type, metadata, items: served() }
    const json = toServed
      ? () => unstored({ ...list, items: list.items.map(withoutType) }).json()
      : () => encodeList(type.kind, type.apiVersion, metadata, items)
    // What YAML and pretty printing show is the encoded form, whose items have no type.
    const isPlain = representation.format === 'json' && !representation.isPretty
    const object = isPlain ? list : { ...list, items: list.items.map(withoutType) }
    return respondEncodable(200, { object, json }, representation)
  }
  const converted = convertList(services, scope, context, representation, served(), metadata)
  return respondEncodable(200, unstored(converted), representation)
}

function convertList(
  services: Services,
  scope: Scope,
  context: RequestContext,
  { as }: Representation,
  items: readonly KubeObject[],
  metadata: ListMeta,
): unknown {
  switch (as?.kind) {
    case 'Table':
      return tableOf(scope.resource, items, {
        version: as.version,
        metadata,
        include: includeObjectOf(context),
        nowMs: services.clock.now(),
        withColumns: true,
      })
    case 'PartialObjectMetadataList':
      return {
        kind: 'PartialObjectMetadataList',
        apiVersion: `meta.k8s.io/${as.version}`,
        metadata,
        items: items.length === 0 ? null : items.map((item) => partialMetadata(item, as.version)),
      }
    default:
      throw notAcceptable(
        `you requested ${as?.kind}, but the requested object is a list (*${goType(scope.definition, true)})`,
      )
  }
}

export function partialMetadata(object: KubeObject, version: string): KubeObject {
  return {
    kind: 'PartialObjectMetadata',
    apiVersion: `meta.k8s.io/${version}`,
    metadata: object.metadata,
  }
}

export function includeObjectOf({ request }: RequestContext): IncludeObject {
  const value = request.query.get('includeObject') || 'Metadata'
  if (value === 'None' || value === 'Metadata' || value === 'Object') return value
  throw badRequest(
    `Unable to convert to Table as requested: includeObject: Invalid value: ${JSON.stringify(value)}: must be 'Metadata', 'Object', 'None', or empty`,
  )
}

const withoutType = ({ kind: _kind, apiVersion: _apiVersion, ...rest }: KubeObject) => rest

/** `core.ConfigMapList`: the Go type that messages name. */
const goType = ({ group, kind }: ResourceDefinition, isList: boolean) =>
  `${group === '' ? 'core' : group.split('.')[0]}.${kind}${isList ? 'List' : ''}`
