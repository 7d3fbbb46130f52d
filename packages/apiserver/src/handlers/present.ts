import {
  type ApiResponse,
  apiVersionOf,
  badRequest,
  type KubeObject,
  type ListMeta,
  notAcceptable,
  type ResourceDefinition,
} from '@miniplane/api'
import {
  type Conversions,
  MEDIA_TYPES,
  negotiate,
  type Representation,
} from '../negotiation/accept.js'
import { encodeList, encodeListParts } from '../negotiation/encode-list.js'
import { partialMetadata } from '../negotiation/partial-metadata.js'
import { encodeProtobufList } from '../negotiation/protobuf.js'
import { bytesResponse, respondEncodable } from '../negotiation/respond.js'
import { type IncludeObject, Table } from '../negotiation/table.js'
import type { RequestContext } from '../pipeline/stage.js'
import { type Encodable, type SharedObject, versionForm } from '../storage/shared-object.js'
import { unstored } from '../storage/unstored.js'
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
  const shown = transformed(services, scope, context, representation, value)
  return respondEncodable(code, shown, representation)
}

/** Answers with what was asked for and is not kept: it has no columns. */
export function presentUntabled(
  kind: GroupKind,
  context: RequestContext,
  value: Encodable,
): ApiResponse {
  const representation = negotiateObject(context, false, 'untabled')
  const { as } = representation
  if (!as || isStatus(value.object as KubeObject))
    return respondEncodable(201, value, representation)
  if (as.kind !== 'PartialObjectMetadata') throw notAList(as.kind, kind)
  return respondEncodable(201, partialMetadata(value, as.version), representation)
}

/** Checked before a write is made: a client that can't take the answer must not change anything. */
export function negotiateObject(
  context: RequestContext,
  isListing = false,
  conversions: Conversions = 'object',
): Representation {
  const { headers, query } = context.request
  return negotiate(headers, query, conversions, isListing)
}

function transformed(
  services: Services,
  scope: Scope,
  context: RequestContext,
  { as }: Representation,
  value: Encodable,
): Encodable {
  const object = value.object as KubeObject
  if (!as || isStatus(object)) return value
  switch (as.kind) {
    case 'Table':
      return new Table(scope.resource, [value], {
        version: as.version,
        metadata: versionOnly(object.metadata.resourceVersion),
        include: includeObjectOf(context),
        nowMs: services.clock.now(),
        withColumns: true,
      })
    case 'PartialObjectMetadata':
      return partialMetadata(value, as.version)
    default:
      throw notAList(as.kind, scope.definition)
  }
}

type GroupKind = Pick<ResourceDefinition, 'group' | 'kind'>

const notAList = (kind: string, definition: GroupKind) =>
  notAcceptable(
    `you requested ${kind}, but the requested object is not a list (*${goType(definition, false)})`,
  )

const isStatus = (object: KubeObject) => object.kind === 'Status' && object.apiVersion === 'v1'
const versionOnly = (resourceVersion: string | undefined): ListMeta =>
  resourceVersion === undefined ? {} : { resourceVersion }

/** Answers with a list, as whatever the client asked for. */
export function presentList(
  services: Services,
  scope: Scope,
  context: RequestContext,
  stored: readonly SharedObject[],
  metadata: ListMeta,
  representation: Representation = negotiateObject(context, true),
): ApiResponse {
  const { definition, resource } = scope
  const toServed = resource.conversion?.toServed
  const items = toServed ? stored.map((one) => inVersion(toServed, definition, one)) : stored
  const { as } = representation
  switch (as?.kind) {
    case undefined: {
      const type = { kind: definition.listKind, apiVersion: apiVersionOf(definition) }
      return respondList(type, metadata, items, representation)
    }
    case 'Table': {
      const nowMs = services.clock.now()
      const include = includeObjectOf(context)
      const options = { version: as.version, metadata, include, nowMs, withColumns: true }
      return respondEncodable(200, new Table(resource, items, options), representation)
    }
    case 'PartialObjectMetadataList': {
      const type = { kind: as.kind, apiVersion: `meta.k8s.io/${as.version}` }
      const parts = items.map((one) => partialMetadata(one, as.version))
      return respondList(type, metadata, parts, representation)
    }
    default:
      throw notAcceptable(
        `you requested ${as?.kind}, but the requested object is a list (*${goType(definition, true)})`,
      )
  }
}

/** An object in the version that the request is about; made once for all who ask for that version. */
export function inVersion(
  toServed: ((stored: KubeObject) => KubeObject) | undefined,
  definition: ResourceDefinition,
  stored: SharedObject,
): SharedObject {
  if (!toServed) return stored
  return stored.form(apiVersionOf(definition), (object) => versionForm(toServed(object)))
}

function respondList(
  type: { readonly kind: string; readonly apiVersion: string },
  metadata: ListMeta,
  items: readonly SharedObject[],
  representation: Representation,
): ApiResponse {
  const { kind, apiVersion } = type
  if (representation.format === 'protobuf') {
    const bytes = encodeProtobufList(kind, apiVersion, metadata, items)
    return bytesResponse(200, MEDIA_TYPES.protobuf, bytes)
  }
  const isPartial = kind === 'PartialObjectMetadataList'
  // A real server's list of bare metadata begins as none, and its items say what they are.
  if (isPartial && items.length === 0)
    return respondEncodable(200, unstored({ ...type, metadata, items: null }), representation)
  const objects = items.map(({ object }) => object)
  const json = () => encodeList(kind, apiVersion, metadata, items)
  // What YAML shows is the encoded form, whose items have no type.
  const isPlain = isPartial || representation.format === 'json'
  const object = { ...type, metadata, items: isPlain ? objects : objects.map(withoutType) }
  const parts = () => encodeListParts(kind, apiVersion, metadata, items)
  return respondEncodable(200, { object, json, parts }, representation)
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
const goType = ({ group, kind }: GroupKind, isList: boolean) =>
  `${group === '' ? 'core' : group.split('.')[0]}.${kind}${isList ? 'List' : ''}`
