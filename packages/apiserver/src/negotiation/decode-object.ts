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
import { excerptOf, parseBody, yamlProblem } from './body.js'

export type FieldValidation = 'Ignore' | 'Warn' | 'Strict'

export interface ExpectedKind extends GroupVersionKind {
  readonly schema: StructSchema
  /** Of the same form, and still read though it isn't served. */
  readonly formerVersion?: string
}

/**
 * The object in a request's body, of the expected kind, decoded by its schema: a new object of the
 * handler's own. Unknown and duplicate fields are refused, reported as warnings or ignored, as
 * `validation` says. Throws 400, 413 or 415.
 */
export function decodeBody(
  context: RequestContext,
  catalog: ResourceCatalog,
  current: ExpectedKind,
  validation: FieldValidation,
): KubeObject {
  const isStrict = validation !== 'Ignore'
  const {
    value,
    text,
    duplicates,
    repeatedLines = [],
    literals,
  } = parseBody(
    context.request,
    isStrict,
    (problem, body) =>
      `the object provided is unrecognized (must be of type ${current.kind}): ${problem} (${excerptOf(body)})`,
    (apiVersion, kind) => messageSchema(apiVersion || apiVersionOf(current), kind || current.kind),
  )
  const expected = asSent(current, value)
  checkShape(value, text, expected)
  const typed = withType(value, expected)
  checkKind(typed, catalog, expected)
  const { object, unknown } = decodeTyped(typed, expected, isStrict, literals)
  keepReset(object, typed)
  if (isStrict && unknown.length + duplicates.length + repeatedLines.length > 0) {
    const errors = strictDecodingErrors(text ?? '', unknown, duplicates)
    if (validation !== 'Strict') {
      context.warnings.push(...repeatedLines, ...errors)
      return object
    }
    const all = repeatedLines.length > 0 ? [yamlProblem(repeatedLines), ...errors] : errors
    const problem = `strict decoding error: ${all.join(', ')}`
    throw cannotHandle(expected, expected.version, expected.kind, problem)
  }
  return object
}

/** As the real server: what has no kind and apiVersion that can be read fails there already. */
function checkShape(value: unknown, text: string | undefined, { kind }: ExpectedKind): void {
  const problem = typeProblem(value)
  if (problem === undefined) return
  const excerpt = text === undefined ? '' : ` (${excerptOf(Buffer.from(text))})`
  throw badRequest(
    `the object provided is unrecognized (must be of type ${kind}): ${problem}${excerpt}`,
  )
}

/** Why a body's kind and apiVersion can't be read; undefined when they can, or are not there. */
export function typeProblem(value: unknown): string | undefined {
  if (value === null || value === undefined) return undefined
  const cannot = (one: unknown, target: string) =>
    `couldn't get version/kind; json parse error: json: cannot unmarshal ${jsonTypeOf(one)} into Go ${target}`
  if (typeof value !== 'object' || Array.isArray(value))
    return cannot(value, `value of type ${TYPE_META}`)
  const { kind, apiVersion } = value as { kind?: unknown; apiVersion?: unknown }
  if (isTextOrNothing(kind) && isTextOrNothing(apiVersion))
    return apiVersion && apiVersion.indexOf('/') !== apiVersion.lastIndexOf('/')
      ? `unexpected GroupVersion string: ${apiVersion}`
      : undefined
  // The first of the two in the body.
  const [name, one] = Object.entries(value).find(
    ([key, each]) => (key === 'kind' || key === 'apiVersion') && !isTextOrNothing(each),
  ) as [string, unknown]
  return cannot(one, `struct field .${name} of type string`)
}

const isTextOrNothing = (value: unknown): value is string | null | undefined =>
  typeof value === 'string' || value === null || value === undefined

/** What the real server reads of a body first, as its messages print the type. */
export const TYPE_META =
  'struct { APIVersion string "json:\\"apiVersion,omitempty\\""; Kind string "json:\\"kind,omitempty\\"" }'

export const jsonTypeOf = (value: unknown): string =>
  Array.isArray(value) ? 'array' : typeof value === 'boolean' ? 'bool' : typeof value

/** What is expected, in the version that a body has if that is a former one. */
function asSent(current: ExpectedKind, value: unknown): ExpectedKind {
  const { group, formerVersion: version } = current
  if (version === undefined) return current
  const { apiVersion } = (value ?? {}) as { apiVersion?: unknown }
  return apiVersion === apiVersionOf({ group, version }) ? { ...current, version } : current
}

/** A body may leave kind and apiVersion to the URL. */
function withType(value: unknown, expected: ExpectedKind): Record<string, unknown> {
  const object = (value ?? {}) as Record<string, unknown>
  if (object.kind === expected.kind && object.apiVersion) return object
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
  if (typeof kind !== 'string' || typeof apiVersion !== 'string') return // was read as text before
  const given = { ...parseGroupVersion(apiVersion), kind }
  const isKnown = catalog.byKind(given) !== undefined || isOtherKind(given, catalog)
  // The two groups of events have one kind.
  const isSameGroup = given.group === expected.group || given.kind === 'Event'
  if (isKnown && isSameGroup && given.kind === expected.kind)
    throw versionMismatch(apiVersion, expected)
  if (isKnown) {
    const goKind = `${expected.group === '' ? 'core' : expected.group.split('.')[0]}.${expected.kind}`
    const problem = `converting (${given.version}.${kind}) to (${goKind}): unknown conversion`
    throw cannotHandle(expected, given.version, kind, problem)
  }
  if (given.group === 'extensions' && IN_EXTENSIONS.test(kind))
    throw versionMismatch(apiVersion, expected)
  const problem = `no kind "${kind}" is registered for version "${apiVersion}" in scheme "${SCHEME}"`
  throw cannotHandle(expected, given.version, kind, problem)
}

/** Where the real server's scheme is made; its messages say so. */
export const SCHEME = 'pkg/runtime/scheme.go:111'
/** Kinds of a group that are still registered though not served. */
const IN_EXTENSIONS =
  /^((DaemonSet|Deployment|Ingress|NetworkPolicy|ReplicaSet)(List)?|DeploymentRollback|Scale)$/

function versionMismatch(apiVersion: string, expected: ExpectedKind): Error {
  return badRequest(
    `the API version in the data (${apiVersion}) does not match the expected API version (${apiVersionOf(expected)})`,
  )
}

/** Kinds that travel in every version of every group, and those that only do in the first. */
const EVERYWHERE = /^(Create|Delete|Get|List|Patch|Update)Options$|^WatchEvent$/
const IN_CORE = /^(List|Status|API(Group|GroupList|ResourceList|Versions))$/

/** Whether the real server knows the kind though it is no resource's. */
function isOtherKind(
  { group, version, kind }: { group: string; version: string; kind: string },
  catalog: ResourceCatalog,
): boolean {
  const ofVersion = catalog.all().filter((one) => one.group === group && one.version === version)
  if (ofVersion.length === 0) return false
  if (EVERYWHERE.test(kind) || (group === '' && IN_CORE.test(kind))) return true
  return ofVersion.some(({ listKind }) => listKind === kind)
}

function decodeTyped(
  value: Record<string, unknown>,
  expected: ExpectedKind,
  isStrict: boolean,
  literals: ReadonlyMap<string, string> | undefined,
): { object: KubeObject; unknown: readonly string[] } {
  try {
    const { object, unknown } = decodeObject(value, expected.schema, {
      strict: isStrict,
      ...(literals && { literals }),
    })
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
