import {
  apiVersionOf,
  badRequest,
  DecodeError,
  decodeObject,
  type GroupVersionKind,
  type KubeObject,
  messageSchema,
  parseGroupVersion,
  type ResourceCatalog,
  type StructSchema,
  strictDecodingErrors,
} from '@miniplane/api'
import { keepReset } from '../field-managers/managed.js'
import type { RequestContext } from '../pipeline/stage.js'
import { excerptOf, parseBody } from './body.js'

export type FieldValidation = 'Ignore' | 'Warn' | 'Strict'

export interface ExpectedKind extends GroupVersionKind {
  readonly schema: StructSchema
}

/**
 * The object in a request's body, of the expected kind, decoded by its schema: a new object of the
 * handler's own. Unknown and duplicate fields are refused, reported as warnings or ignored, as
 * `validation` says. Throws 400, 413 or 415.
 */
export function decodeBody(
  context: RequestContext,
  catalog: ResourceCatalog,
  expected: ExpectedKind,
  validation: FieldValidation,
): KubeObject {
  const isStrict = validation !== 'Ignore'
  const { value, text, duplicates } = parseBody(
    context.request,
    isStrict,
    (problem, body) =>
      `the object provided is unrecognized (must be of type ${expected.kind}): ${problem} (${excerptOf(body)})`,
    (apiVersion, kind) =>
      messageSchema(apiVersion || apiVersionOf(expected), kind || expected.kind),
  )
  checkShape(value, text, expected)
  const typed = withType(value, expected)
  checkKind(typed, catalog, expected)
  const { object, unknown } = decodeTyped(typed, expected, isStrict)
  keepReset(object, typed)
  if (isStrict && (unknown.length > 0 || duplicates.length > 0)) {
    const errors = strictDecodingErrors(text ?? '', unknown, duplicates)
    if (validation === 'Strict')
      throw cannotHandle(
        expected,
        expected.version,
        expected.kind,
        `strict decoding error: ${errors.join(', ')}`,
      )
    context.warnings.push(...errors)
  }
  return object
}

/** As the real server: lists and scalars fail where it reads kind and apiVersion. */
function checkShape(value: unknown, text: string | undefined, { kind }: ExpectedKind): void {
  if (value === null || value === undefined) return
  if (typeof value === 'object' && !Array.isArray(value)) return
  const type = Array.isArray(value) ? 'array' : typeof value === 'boolean' ? 'bool' : typeof value
  const excerpt = text === undefined ? '' : ` (${excerptOf(Buffer.from(text))})`
  throw badRequest(
    `the object provided is unrecognized (must be of type ${kind}): couldn't get version/kind; json parse error: json: cannot unmarshal ${type} into Go value of type struct { APIVersion string "json:\\"apiVersion,omitempty\\""; Kind string "json:\\"kind,omitempty\\"" }${excerpt}`,
  )
}

/** A body may leave kind and apiVersion to the URL. */
function withType(value: unknown, expected: ExpectedKind): Record<string, unknown> {
  const object = (value ?? {}) as Record<string, unknown>
  if (object.kind === expected.kind && typeof object.apiVersion === 'string') return object
  return {
    ...object,
    kind: object.kind || expected.kind,
    apiVersion: object.apiVersion || apiVersionOf(expected),
  }
}

function checkKind(
  { kind, apiVersion }: Record<string, unknown>,
  catalog: ResourceCatalog,
  expected: ExpectedKind,
): void {
  if (kind === expected.kind && apiVersion === apiVersionOf(expected)) return
  if (typeof kind !== 'string' || typeof apiVersion !== 'string') return // the decoder says so
  const given = { ...groupVersionOrBadRequest(apiVersion), kind }
  const isKnown = catalog.byKind(given) !== undefined
  if (isKnown && given.group === expected.group && given.kind === expected.kind)
    throw versionMismatch(apiVersion, expected)
  if (isKnown) {
    const goKind = `${expected.group === '' ? 'core' : expected.group.split('.')[0]}.${expected.kind}`
    const problem = `converting (${given.version}.${kind}) to (${goKind}): unknown conversion`
    throw cannotHandle(expected, given.version, kind, problem)
  }
  if (LEGACY_GROUPS.has(given.group)) throw versionMismatch(apiVersion, expected)
  const problem = `no kind "${kind}" is registered for version "${apiVersion}" in scheme "${SCHEME}"`
  throw cannotHandle(expected, given.version, kind, problem)
}

/** Where the real server's scheme is made; its messages say so. */
export const SCHEME = 'pkg/runtime/scheme.go:111'
/** Versions that are still registered though not served. */
const LEGACY_GROUPS = new Set(['extensions'])

function versionMismatch(apiVersion: string, expected: ExpectedKind): Error {
  return badRequest(
    `the API version in the data (${apiVersion}) does not match the expected API version (${apiVersionOf(expected)})`,
  )
}

function groupVersionOrBadRequest(apiVersion: string): { group: string; version: string } {
  try {
    return parseGroupVersion(apiVersion)
  } catch (error) {
    throw badRequest(error instanceof Error ? error.message : String(error))
  }
}

function decodeTyped(
  value: Record<string, unknown>,
  expected: ExpectedKind,
  isStrict: boolean,
): { object: KubeObject; unknown: readonly string[] } {
  try {
    const { object, unknown } = decodeObject(value, expected.schema, { strict: isStrict })
    return { object: object as unknown as KubeObject, unknown }
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error
    throw cannotHandle(expected, expected.version, expected.kind, error.message)
  }
}

function cannotHandle(
  { kind: wanted }: ExpectedKind,
  version: string,
  kind: string,
  problem: string,
): Error {
  return badRequest(`${kind} in version "${version}" cannot be handled as a ${wanted}: ${problem}`)
}
