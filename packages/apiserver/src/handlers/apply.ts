import {
  ApplyConflict,
  apiVersionOf,
  applyConflict,
  badRequest,
  conflict,
  DecodeError,
  decodeObject,
  formatPath,
  type KubeObject,
  parseGroupVersion,
  parseYaml,
  TypedValueError,
  YamlError,
} from '@miniplane/api'
import type { Applied } from '../field-managers/field-manager.js'
import { describeManager } from '../field-managers/identity.js'
import { ManagedFieldsError } from '../field-managers/managed.js'
import { yamlProblem } from '../negotiation/body.js'
import type { WriteOptions } from '../negotiation/options.js'
import { queryBoolean } from '../negotiation/query.js'
import type { RequestContext } from '../pipeline/stage.js'
import { plainServerError } from '../plain-server-error.js'
import { draftOf } from '../registry/generic/draft-of.js'
import type { SubresourceStrategy } from '../registry/strategy.js'
import type { WriteContext } from '../registry/write-context.js'
import { shownBy, throughView } from './draft.js'
import { expectedKind } from './expected-kind.js'
import type { Scope, Services } from './scope.js'
import { checkTarget } from './update.js'

/** A configuration to apply, as the body has it. */
export interface Configuration {
  readonly value: KubeObject
  /** Of keys that stand twice in one object. */
  readonly duplicates: readonly string[]
}

/** Reads the body of an apply, YAML or JSON. Throws 400. */
export function readConfiguration({ request: { body } }: RequestContext): Configuration {
  if (body !== undefined && !(body instanceof Uint8Array))
    return { value: body.object as KubeObject, duplicates: [] }
  try {
    const { value, duplicates } = parseYaml(Buffer.from(body ?? []).toString('utf8'))
    return { value: withoutNullMetadata(asObject(value)), duplicates }
  } catch (error) {
    if (!(error instanceof YamlError)) throw error
    throw badRequest(`error decoding YAML: error converting YAML to JSON: ${error.message}`)
  }
}

/** No metadata is as good as none. */
function withoutNullMetadata(config: KubeObject): KubeObject {
  if ((config.metadata as unknown) !== null) return config
  const { metadata: _, ...rest } = config
  return rest as KubeObject
}

function asObject(value: unknown): KubeObject {
  if (typeof value === 'object' && value !== null && !Array.isArray(value))
    return value as KubeObject
  if (value === null || value === undefined) return { metadata: {} }
  const kind = Array.isArray(value) ? 'array' : typeof value === 'boolean' ? 'bool' : typeof value
  throw badRequest(
    `error decoding YAML: error unmarshaling JSON: while decoding JSON: json: cannot unmarshal ${kind} into Go value of type map[string]interface {}`,
  )
}

/** What applying a configuration makes of the stored object, or of none: a draft. */
export function draftFromApply(
  configuration: Configuration,
  stored: KubeObject | undefined,
  scope: Scope,
  subresource: SubresourceStrategy | undefined,
  options: WriteOptions,
  context: WriteContext,
  services: Services,
): KubeObject {
  const config = checkedConfiguration(configuration.value, scope)
  const isView = subresource?.inject !== undefined && stored !== undefined
  const live = stored ? shownBy(subresource, stored, services) : emptyObject(scope)
  const draft = apply(live, config, scope, isView, context, services)
  reportDuplicates(configuration.duplicates, options, context)
  if (!stored && draft.metadata.uid)
    throw conflict(
      scope.definition,
      scope.name,
      `uid mismatch: the provided object specified uid ${draft.metadata.uid}, and no existing object was found`,
    )
  checkTarget(draft, scope)
  if (!isView) return draft
  return throughView(draft, stored, subresource, context, services)
}

/** Of the expected kind, with metadata, and without managers. */
function checkedConfiguration(config: KubeObject, scope: Scope): KubeObject {
  const expected = expectedKind(scope)
  const { kind } = config
  if (kind !== expected.kind || config.apiVersion !== apiVersionOf(expected))
    throw badRequest(`invalid object type: ${goKind(config)}`)
  const { managedFields } = (config.metadata ?? {}) as { managedFields?: unknown }
  if (managedFields !== undefined && managedFields !== null)
    throw badRequest('metadata.managedFields must be nil')
  return config
}

/** Go's way of printing a kind; what has no readable version has nothing. */
function goKind({ apiVersion = '', kind = '' }: { apiVersion?: unknown; kind?: unknown }): string {
  const version = textOf(apiVersion)
  if (version.split('/').length > 2) return '/, Kind='
  const { group, version: named } = parseGroupVersion(version)
  return `${group}/${named}, Kind=${textOf(kind)}`
}

/** What stands in messages for an object: `default/web; apps/v1, Kind=Deployment`. */
function described(object: KubeObject): string {
  const { name, namespace } = (object.metadata ?? {}) as Record<string, unknown>
  return `${textOf(namespace)}/${textOf(name)}; ${goKind(object)}`
}

const textOf = (value: unknown) => (typeof value === 'string' ? value : '')

const emptyObject = (scope: Scope): KubeObject => {
  const expected = expectedKind(scope)
  const { object } = decodeObject({}, expected.schema)
  return { kind: expected.kind, apiVersion: apiVersionOf(expected), ...object } as KubeObject
}

function apply(
  live: KubeObject,
  config: KubeObject,
  scope: Scope,
  isView: boolean,
  context: WriteContext,
  services: Services,
): KubeObject {
  const expected = expectedKind(scope)
  const { fieldManagers } = services
  const manager = isView
    ? fieldManagers.ofView(expected, context.subresource)
    : fieldManagers.of(scope.definition, context.subresource)
  const isForced = queryBoolean(context.requestContext.request.query, 'force')
  const { object, managed } = attempt(config, () =>
    manager.apply(live, config, context.manager, isForced),
  )
  const draft = object ? decodeApplied(object, config, scope) : draftOf(live)
  if (object && !isView) scope.resource.strategy.setDefaults?.(draft)
  manager.write(draft, managed)
  return draft
}

function attempt(config: KubeObject, run: () => Applied): Applied {
  try {
    return run()
  } catch (error) {
    if (error instanceof ApplyConflict) throw conflictStatus(error)
    if (error instanceof TypedValueError)
      throw plainServerError(
        `failed to create typed patch object (${described(config)}): ${error.message}`,
      )
    if (error instanceof ManagedFieldsError)
      throw plainServerError(`failed to decode managed fields: ${error.message}`)
    throw error
  }
}

function decodeApplied(object: KubeObject, config: KubeObject, scope: Scope): KubeObject {
  try {
    return decodeObject(object, expectedKind(scope).schema).object as unknown as KubeObject
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error
    // Bytes are all that Go's converter has read as JSON.
    const place = error.message.startsWith('illegal base64') ? 'error decoding from json: ' : ''
    throw plainServerError(
      `failed to convert new object (${described(config)}) to proper version: unable to convert unstructured object to ${goKind(config)}: ${place}${error.message}`,
    )
  }
}

function conflictStatus({ conflicts }: ApplyConflict): Error {
  const causes = conflicts.map(({ manager, path }) => ({
    reason: 'FieldManagerConflict',
    message: `conflict with ${describeManager(manager)}`,
    field: formatPath(path),
  }))
  return applyConflict(causes, conflictMessage(conflicts))
}

function conflictMessage(conflicts: ApplyConflict['conflicts']): string {
  const [first] = conflicts
  if (first && conflicts.length === 1)
    return `Apply failed with 1 conflict: conflict with ${describeManager(first.manager)}: ${formatPath(first.path)}`
  const managers = [...new Set(conflicts.map(({ manager }) => manager))].sort()
  const lines = managers.flatMap((manager) => [
    `conflicts with ${describeManager(manager)}:`,
    ...conflicts
      .filter((one) => one.manager === manager)
      .map(({ path }) => `- ${formatPath(path)}`),
  ])
  return `Apply failed with ${conflicts.length} conflicts: ${lines.join('\n')}`
}

function reportDuplicates(
  duplicates: readonly string[],
  { fieldValidation }: WriteOptions,
  { warn }: WriteContext,
): void {
  if (duplicates.length === 0 || fieldValidation === 'Ignore') return
  if (fieldValidation === 'Strict')
    throw badRequest(
      `error strict decoding YAML: error converting YAML to JSON: ${yamlProblem(duplicates)}`,
    )
  for (const text of duplicates) warn(text)
}
