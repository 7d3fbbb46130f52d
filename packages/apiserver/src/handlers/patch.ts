import {
  type ApiResponse,
  apiVersionOf,
  applyJsonMergePatch,
  applyStrategicMergePatch,
  badRequest,
  type Decoded,
  DecodeError,
  decodeObject,
  encodeJsonText,
  type FieldError,
  FieldPath,
  forbiddenField,
  genericServerResponse,
  gvkOf,
  invalid,
  invalidValue,
  JsonSyntaxError,
  type KubeObject,
  PatchError,
  parseJson,
  type ResourceCatalog,
  requestEntityTooLarge,
  required,
  StatusError,
  type StructSchema,
  strictDecodingErrors,
  unsupportedMediaType,
} from '@miniplane/api'
import { mediaTypeOf } from '../negotiation/body.js'
import { type ExpectedKind, SCHEME } from '../negotiation/decode-object.js'
import { type WriteOptions, writeOptions } from '../negotiation/options.js'
import { applyJsonPatch, JsonPatchError, type PatchOperation } from '../patch/json-patch.js'
import type { RequestContext } from '../pipeline/stage.js'
import { plainServerError } from '../registry/generic/resource-version.js'
import { updateObject } from '../registry/generic/update.js'
import type { SubresourceStrategy } from '../registry/strategy.js'
import type { WriteContext } from '../registry/write-context.js'
import { type Configuration, draftFromApply, readConfiguration } from './apply.js'
import { draftFrom, shownBy } from './draft.js'
import { expectedKind } from './expected-kind.js'
import { negotiateObject } from './present.js'
import { type Scope, type Services, writeContextOf } from './scope.js'
import { subresourceStrategy, writeRules } from './subresource.js'
import { checkName, presentUpdated } from './update.js'

const TYPES = {
  'application/json-patch+json': 'json',
  'application/merge-patch+json': 'merge',
  'application/strategic-merge-patch+json': 'strategic',
  'application/apply-patch+yaml': 'apply',
} as const
type PatchType = (typeof TYPES)[keyof typeof TYPES]
type MergeType = Exclude<PatchType, 'apply'>

/** PATCH in one of its forms. */
export async function handlePatch(
  services: Services,
  scope: Scope,
  context: RequestContext,
): Promise<ApiResponse> {
  negotiateObject(context)
  const type = patchTypeOf(context)
  const { query } = context.request
  const options = writeOptions(query, 'PatchOptions', optionErrors(query, type))
  const writeContext = writeContextOf(services, scope, context, { ...options }, options.dryRun)
  const subresource = subresourceStrategy(scope)
  const updated = await updateObject(
    services,
    scope.resource,
    {
      name: scope.name,
      verb: 'patch',
      mayCreate: type === 'apply' && scope.subresource === undefined && 'always',
      subresource: writeRules(subresource),
      produce: producer(type, services, scope, subresource, options, writeContext),
    },
    writeContext,
  )
  return presentUpdated(services, scope, context, subresource, updated)
}

/** Makes the new form of a stored object; called again after each conflict with another writer. */
function producer(
  type: PatchType,
  services: Services,
  scope: Scope,
  subresource: SubresourceStrategy | undefined,
  options: WriteOptions,
  context: WriteContext,
): (stored: KubeObject | undefined) => KubeObject {
  const { requestContext } = context
  if (type === 'apply') {
    let configuration: Configuration | undefined
    return (stored) => {
      configuration ??= readConfiguration(requestContext)
      const applied = [configuration, stored, scope, subresource, options, context] as const
      const draft = draftFromApply(...applied, services)
      checkTarget(draft, scope)
      return draft
    }
  }
  let patch: unknown
  return (stored) => {
    const target = shownBy(subresource, stored as KubeObject, services)
    // Not before: whether the object exists is the first question.
    patch ??= readPatch(requestContext, type, services.limits.jsonPatchOperationsMax)
    const { schema } = expectedKind(scope)
    const patched = decodePatched(
      merge(type, target, patch, schema),
      { patch, type, scope, options, context: requestContext },
      services.catalog,
    )
    checkTarget(patched, scope)
    return draftFrom(patched, stored, scope, subresource, context, services)
  }
}

function optionErrors(query: URLSearchParams, type: PatchType): FieldError[] {
  if (type !== 'apply')
    return query.has('force')
      ? [forbiddenField('force', 'may not be specified for non-apply patch')]
      : []
  return query.get('fieldManager') ? [] : [required('fieldManager', 'is required for apply patch')]
}

function patchTypeOf({ request }: RequestContext): PatchType {
  const mediaType = mediaTypeOf(request)
  if (Object.hasOwn(TYPES, mediaType)) return TYPES[mediaType as keyof typeof TYPES]
  if (mediaType.startsWith('application/merge-patch+json,')) {
    const types = Object.keys(TYPES).join(', ')
    throw unsupportedMediaType(
      `the body of the request was in an unknown format - accepted media types include: ${types}`,
    )
  }
  const { status } = genericServerResponse(415, 'PATCH', { group: '', resource: '' }, '')
  throw new StatusError({ ...status, message: '415: Unsupported Media Type' })
}

const LIST_TYPE = '[]handlers.jsonPatchOp'
const MAP_TYPE = 'map[string]interface {}'

function readPatch({ request }: RequestContext, type: MergeType, operationsMax: number): unknown {
  const { body } = request
  const patch =
    body === undefined || body instanceof Uint8Array ? parsePatch(body, type) : body.object
  const isList = Array.isArray(patch)
  if (type === 'json') {
    if (!isList) throw cannotUnmarshal(patch, LIST_TYPE, type)
    if (patch.length > operationsMax)
      throw requestEntityTooLarge(
        `The allowed maximum operations in a JSON patch is ${operationsMax}, got ${patch.length}`,
      )
    return patch
  }
  if (patch === null) throw badRequest('Invalid JSON Patch')
  if (isList || typeof patch !== 'object') throw cannotUnmarshal(patch, MAP_TYPE, type)
  return patch
}

function parsePatch(bytes: Uint8Array | undefined, type: MergeType): unknown {
  try {
    return parseJson(bytes ?? new Uint8Array()).value
  } catch (error) {
    if (!(error instanceof JsonSyntaxError)) throw error
    throw undecodable(error.message, type)
  }
}

function cannotUnmarshal(value: unknown, goType: string, type: MergeType): Error {
  const kind = Array.isArray(value) ? 'array' : typeof value === 'boolean' ? 'bool' : typeof value
  return undecodable(`json: cannot unmarshal ${kind} into Go value of type ${goType}`, type)
}

/** A strategic patch is read by code of its own, which says no more than the reason. */
const undecodable = (problem: string, type: MergeType) =>
  badRequest(type === 'strategic' ? problem : `error decoding patch: ${problem}`)

function merge(type: MergeType, target: KubeObject, patch: unknown, schema: StructSchema): unknown {
  try {
    switch (type) {
      case 'json':
        return applyJsonPatch(target, patch as PatchOperation[])
      case 'merge':
        return applyJsonMergePatch(target, patch)
      case 'strategic':
        return applyStrategicMergePatch(target, patch as Record<string, unknown>, schema)
    }
  } catch (error) {
    if (error instanceof JsonPatchError)
      throw genericServerResponse(422, 'PATCH', { group: '', resource: '' }, '')
    if (error instanceof PatchError)
      throw error.message.startsWith('invalid patch format')
        ? badRequest(error.message)
        : plainServerError(error.message)
    throw error
  }
}

interface Patching {
  readonly patch: unknown
  readonly type: MergeType
  readonly scope: Scope
  readonly options: WriteOptions
  readonly context: RequestContext
}

/** The patched object, decoded: a draft of the caller's own. */
function decodePatched(patched: unknown, patching: Patching, catalog: ResourceCatalog): KubeObject {
  const { scope, options, context } = patching
  const expected = expectedKind(scope)
  checkKind(patched, patching, expected, catalog)
  const { object, unknown } = decode(patched, patching, expected.schema)
  const errors = unknown.length > 0 ? strictDecodingErrors(textOf(patched), unknown, []) : []
  if (errors.length > 0) {
    const problem = `strict decoding error: ${errors.join(', ')}`
    if (options.fieldValidation === 'Strict') throw refusal(patched, patching, problem)
    for (const text of errors) if (!context.warnings.includes(text)) context.warnings.push(text)
  }
  return object as unknown as KubeObject
}

function decode(patched: unknown, patching: Patching, schema: StructSchema): Decoded {
  try {
    return decodeObject(patched, schema, {
      strict: patching.options.fieldValidation !== 'Ignore',
      isConversion: patching.type === 'strategic',
    })
  } catch (error) {
    if (error instanceof DecodeError) throw refusal(patched, patching, error.message)
    throw error
  }
}

/** What became another kind is read as that, and then can't be made what it was. */
function checkKind(
  patched: unknown,
  patching: Patching,
  expected: ExpectedKind,
  catalog: ResourceCatalog,
): void {
  if (patching.type === 'strategic') return
  const { kind = '', apiVersion = '' } = (patched ?? {}) as KubeObject
  if (kind === expected.kind && apiVersion === apiVersionOf(expected)) return
  if (apiVersion.split('/').length > 2)
    throw refusal(patched, patching, `unexpected GroupVersion string: ${apiVersion}`)
  const given = gvkOf(apiVersion, kind)
  const other = catalog.byKind(given)
  if (!other)
    throw refusal(
      patched,
      patching,
      `no kind ${JSON.stringify(kind)} is registered for version ${JSON.stringify(apiVersion)} in scheme ${JSON.stringify(SCHEME)}`,
    )
  decode(patched, patching, other.schema)
  const group = expected.group === '' ? 'core' : expected.group.split('.')[0]
  const problem = `converting (${given.version}.${kind}) to (${group}.${expected.kind}): unknown conversion`
  throw refusal(patched, patching, problem)
}

function refusal(patched: unknown, { type, patch }: Patching, problem: string): Error {
  const shown = type === 'strategic' ? goMap(patch) : textOf(patched)
  const error = invalidValue(FieldPath.of('patch'), shown, problem)
  return invalid({ group: '', kind: '' }, '', [error])
}

const textOf = (patched: unknown) => encodeJsonText(sortedByKey(patched))

/** A document that was taken apart by its keys is put together in their order. */
function sortedByKey(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
}

/** Go's `%v` of a decoded patch: `map[a:1 b:[x y]]`. */
function goMap(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(goMap).join(' ')}]`
  if (value === null || value === undefined) return '<nil>'
  if (typeof value !== 'object') return String(value)
  const pairs = Object.entries(value)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, item]) => `${key}:${goMap(item)}`)
  return `map[${pairs.join(' ')}]`
}

const NAMESPACE_MISMATCH =
  'the namespace of the provided object does not match the namespace sent on the request'

/** A patch may not rename or move the object. */
function checkTarget(patched: KubeObject, { name, namespace, definition }: Scope): void {
  checkName(patched, name)
  const given = patched.metadata.namespace
  if (definition.namespaced && given !== undefined && given !== namespace)
    throw badRequest(NAMESPACE_MISMATCH)
  if (definition.namespaced) patched.metadata.namespace = namespace ?? ''
}
