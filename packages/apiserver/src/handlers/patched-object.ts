import {
  apiVersionOf,
  applyJsonMergePatch,
  applyJsonPatch,
  applyStrategicMergePatch,
  badRequest,
  type Decoded,
  DecodeError,
  decodeObject,
  encodeJsonText,
  FieldPath,
  genericServerResponse,
  gvkOf,
  invalid,
  invalidValue,
  JsonPatchError,
  type KubeObject,
  type ManagedFieldsEntry,
  namedSchema,
  PatchError,
  type PatchOperation,
  type ResourceCatalog,
  type StructSchema,
  strictDecodingErrors,
} from '@miniplane/api'
import { keepReset } from '../field-managers/managed.js'
import { type ExpectedKind, SCHEME, TYPE_META } from '../negotiation/decode-object.js'
import type { WriteOptions } from '../negotiation/options.js'
import type { RequestContext } from '../pipeline/stage.js'
import { plainServerError } from '../plain-server-error.js'
import { normalise } from '../storage/normalise.js'
import { expectedKind } from './expected-kind.js'
import { isOperation, type MergeType, type ReadPatch } from './read-patch.js'
import type { Scope } from './scope.js'

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
      throw error.isBadFormat ? badRequest(error.message) : plainServerError(error.message)
    throw error
  }
}

export interface Patching extends ReadPatch {
  readonly type: MergeType
  readonly scope: Scope
  readonly options: WriteOptions
  readonly context: RequestContext
}

/**
 * What a patch makes of `target`, decoded: a draft of the caller's own. It shares the managed fields
 * of the target unless the patch speaks of them. Throws a `StatusError`.
 */
export function patchedObject(
  target: KubeObject,
  patching: Patching,
  catalog: ResourceCatalog,
): KubeObject {
  const { type, patch, scope } = patching
  const { schema } = expectedKind(scope)
  const { managedFields, ...metadata } = target.metadata
  if (!managedFields || speaksOfManagers(type, patch))
    return decodePatched(merge(type, target, patch, schema), patching, catalog)
  const bare = { ...target, metadata }
  const patched = merge(type, bare, patch, schema)
  const object = decodePatched(patched, { ...patching, managedFields }, catalog)
  object.metadata.managedFields = managedFields
  return object
}

/** Without a new list of managers what a patch leaves there does not count: the stored one does. */
function speaksOfManagers(type: MergeType, patch: unknown): boolean {
  if (type === 'json')
    return (patch as unknown[]).some(
      (one) => isOperation(one) && (mayHold(one.path) || mayHold(one.from)),
    )
  const { metadata } = patch as Partial<KubeObject>
  return Array.isArray(metadata?.managedFields)
}

const mayHold = (pointer: unknown) =>
  typeof pointer === 'string' && /^(\/metadata(\/managedFields(\/.*)?)?)?$/.test(pointer)

interface Decoding extends Patching {
  /** Those of the target, when the patched object was made without them. */
  readonly managedFields?: readonly ManagedFieldsEntry[]
}

function decodePatched(patched: unknown, patching: Decoding, catalog: ResourceCatalog): KubeObject {
  const { scope, options, context, complaints } = patching
  const expected = expectedKind(scope)
  checkKind(patched, patching, expected, catalog)
  const { object: decoded, unknown } = decode(patched, patching, expected.schema)
  const object = ofKind(decoded, expected)
  keepReset(object as unknown as KubeObject, patched)
  const errors =
    unknown.length > 0
      ? [...complaints, ...strictDecodingErrors(textOf(patched, patching), unknown, [])]
      : complaints
  if (errors.length > 0) {
    const problem = `strict decoding error: ${errors.join(', ')}`
    if (options.fieldValidation === 'Strict') throw refusal(patched, patching, problem)
    for (const text of errors) if (!context.warnings.includes(text)) context.warnings.push(text)
  }
  return object as unknown as KubeObject
}

/** It was of its kind all along, whatever a strategic patch calls it. */
function ofKind(object: Record<string, unknown>, expected: ExpectedKind): Record<string, unknown> {
  const { kind } = expected
  const apiVersion = apiVersionOf(expected)
  if (object.kind === kind && object.apiVersion === apiVersion) return object
  // In front, where readers of the encoded form look for them.
  const { kind: _named, apiVersion: _versioned, ...rest } = object
  return { kind, apiVersion, ...rest }
}

function decode(patched: unknown, patching: Decoding, schema: StructSchema): Decoded {
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
  patching: Decoding,
  expected: ExpectedKind,
  catalog: ResourceCatalog,
): void {
  if (patching.type === 'strategic') return
  const { kind, apiVersion } = typeOf(patched, patching, expected)
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

/** What the patched object says it is, read before anything else; else what was expected. */
function typeOf(
  patched: unknown,
  patching: Decoding,
  expected: ExpectedKind,
): { kind: string; apiVersion: string } {
  const { kind, apiVersion } = (patched ?? {}) as Record<string, unknown>
  if (Array.isArray(patched)) {
    const problem = `json: cannot unmarshal array into Go value of type ${TYPE_META}`
    throw refusal(patched, patching, `couldn't get version/kind; json parse error: ${problem}`)
  }
  for (const [name, value] of Object.entries({ apiVersion, kind })) {
    if (typeof value === 'string' || value === undefined || value === null) continue
    const problem = `json: cannot unmarshal ${jsonTypeOf(value)} into Go struct field .${name} of type string`
    throw refusal(patched, patching, `couldn't get version/kind; json parse error: ${problem}`)
  }
  return {
    kind: String(kind || expected.kind),
    apiVersion: String(apiVersion || apiVersionOf(expected)),
  }
}

const jsonTypeOf = (value: unknown): string =>
  Array.isArray(value) ? 'array' : typeof value === 'boolean' ? 'bool' : typeof value

function refusal(patched: unknown, patching: Decoding, problem: string): Error {
  const { type, patch } = patching
  const shown = type === 'strategic' ? goMap(patch) : textOf(patched, patching)
  const error = invalidValue(FieldPath.of('patch'), shown, problem)
  return invalid({ group: '', kind: '' }, '', [error])
}

function textOf(patched: unknown, { managedFields, type, patch }: Decoding): string {
  const { metadata } = (patched ?? {}) as Partial<KubeObject>
  const touched = touchedBy(type, patch)
  if (typeof metadata !== 'object' || metadata === null || Array.isArray(metadata))
    return encodeJsonText(takenApart(patched, touched))
  const whole = managedFields ? { ...metadata, managedFields } : metadata
  const shown = normalise(whole, namedSchema('meta.v1.ObjectMeta'))
  return encodeJsonText(takenApart({ ...(patched as object), metadata: shown }, touched))
}

/** What of a document was taken apart to be patched, by the names of its members. */
interface Touched extends Map<string, Touched> {}

function touchedBy(type: MergeType, patch: unknown): Touched {
  const whole: Touched = new Map()
  if (type !== 'json') {
    touchMembers(whole, patch)
    return whole
  }
  for (const { path, from } of (patch as unknown[]).filter(isOperation))
    for (const pointer of [path, from]) if (typeof pointer === 'string') touchPath(whole, pointer)
  return whole
}

function touchMembers(touched: Touched, patch: unknown): void {
  if (typeof patch !== 'object' || patch === null || Array.isArray(patch)) return
  for (const [name, value] of Object.entries(patch)) {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) continue
    const inner: Touched = new Map()
    touched.set(name, inner)
    touchMembers(inner, value)
  }
}

function touchPath(touched: Touched, pointer: string): void {
  let at = touched
  for (const token of pointer.split('/').slice(1, -1)) {
    const name = token.replaceAll('~1', '/').replaceAll('~0', '~')
    const next = at.get(name) ?? new Map()
    at.set(name, next)
    at = next
  }
}

/** A document as its library puts it together: what was taken apart is in the order of its keys. */
function takenApart(value: unknown, touched: Touched | undefined): unknown {
  if (!touched || typeof value !== 'object' || value === null) return value
  if (Array.isArray(value))
    return value.map((item, index) => takenApart(item, touched.get(String(index))))
  const pairs = Object.entries(value).map(
    ([key, item]) => [key, takenApart(item, touched.get(key))] as const,
  )
  return Object.fromEntries(pairs.sort(([a], [b]) => (a < b ? -1 : 1)))
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
