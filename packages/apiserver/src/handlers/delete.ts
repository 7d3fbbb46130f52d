import {
  type ApiResponse,
  badRequest,
  DecodeError,
  decodeObject,
  type FieldError,
  FieldPath,
  forbidden,
  invalid,
  invalidValue,
  namedSchema,
  notSupported,
  type ResourceDefinition,
} from '@miniplane/api'
import { bodyBytes, parseBody } from '../negotiation/body.js'
import { SCHEME, typeProblem } from '../negotiation/decode-object.js'
import { dryRunErrors } from '../negotiation/options.js'
import { queryBoolean, queryInteger } from '../negotiation/query.js'
import type { RequestContext } from '../pipeline/stage.js'
import { deleteObject } from '../registry/generic/delete.js'
import type { DeleteOptions } from '../registry/generic/delete-options.js'
import { unstored } from '../storage/unstored.js'
import { negotiateObject, presentObject } from './present.js'
import { type Scope, type Services, writeContextOf } from './scope.js'

/** DELETE of one object. */
export async function handleDelete(
  services: Services,
  scope: Scope,
  context: RequestContext,
): Promise<ApiResponse> {
  negotiateObject(context)
  const { definition, resource, name } = scope
  const options = deleteOptionsOf(context)
  warnOnDelete(scope, options, context)
  const refusal = resource.strategy.refusesDelete?.(name)
  if (refusal !== undefined) throw forbidden(definition, name, refusal)
  const writeContext = writeContextOf(services, scope, context, { ...options }, isDryRun(options))
  const { isGone, object } = await deleteObject(services, resource, name, options, writeContext)
  if (isGone && !resource.strategy.returnsDeletedObject) {
    const status = deletedStatus(definition, name, object.metadata.uid)
    return presentObject(services, scope, context, 200, unstored(status))
  }
  const code = !isGone && options.orphanDependents === false ? 202 : 200
  return presentObject(services, scope, context, code, unstored(object))
}

export function warnOnDelete(
  { resource }: Scope,
  options: DeleteOptions,
  { warnings }: RequestContext,
): void {
  warnings.push(...(resource.strategy.warningsOnDelete?.(options) ?? []))
}

const isDryRun = ({ dryRun }: DeleteOptions) => (dryRun?.length ?? 0) > 0

function deletedStatus({ group, resource }: ResourceDefinition, name: string, uid = '') {
  return {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Success',
    details: { name, ...(group && { group }), kind: resource, uid },
  }
}

/** From the body when there is one, else from the query. Throws 400, 415 or 422. */
export function deleteOptionsOf(context: RequestContext): DeleteOptions {
  const bytes = bodyBytes(context.request)
  const options =
    bytes === undefined || bytes.length > 0
      ? optionsFromBody(context)
      : optionsFromQuery(context.request.query)
  const errors = optionErrors(options)
  if (errors.length > 0) throw invalid({ group: 'meta.k8s.io', kind: 'DeleteOptions' }, '', errors)
  return options
}

function optionsFromBody(context: RequestContext): DeleteOptions {
  const { value } = parseBody(
    context.request,
    false,
    (problem) => problem,
    (_apiVersion, kind) =>
      kind === 'DeleteOptions' ? namedSchema('meta.v1.DeleteOptions') : undefined,
  )
  const problem = typeProblem(value)
  if (problem !== undefined) throw badRequest(problem)
  checkKind((value ?? {}) as Typed)
  try {
    return decodeObject(value, namedSchema('meta.v1.DeleteOptions')).object as DeleteOptions
  } catch (error) {
    if (error instanceof DecodeError) throw badRequest(error.message)
    throw error
  }
}

interface Typed {
  readonly kind?: string | null
  readonly apiVersion?: string | null
}

/** Kinds that the scheme of options knows, in every version and in its own. */
const UNVERSIONED = /^((Create|Update)Options|Status|API(Group|GroupList|ResourceList|Versions))$/
const OF_META =
  /^((Get|List|Patch)Options|(PartialObjectMetadata)(List)?|Table(Options)?|WatchEvent)$/
const META_VERSION = 'meta.k8s.io/v1'

/** Throws 400 for a body that is something else. */
function checkKind({ kind, apiVersion }: Typed): void {
  if (!kind || kind === 'DeleteOptions') return
  const version = apiVersion || META_VERSION
  const isKnown = UNVERSIONED.test(kind) || (version === META_VERSION && OF_META.test(kind))
  throw badRequest(
    isKnown
      ? `converting (${version.slice(version.indexOf('/') + 1)}.${kind}) to (v1.DeleteOptions): unknown conversion`
      : `no kind ${JSON.stringify(kind)} is registered for version ${JSON.stringify(version)} in scheme ${JSON.stringify(SCHEME)}`,
  )
}

function optionsFromQuery(query: URLSearchParams): DeleteOptions {
  const gracePeriodSeconds = queryInteger(query, 'gracePeriodSeconds')
  const propagationPolicy = query.get('propagationPolicy')
  const dryRun = query.getAll('dryRun')
  const uid = query.get('uid')
  const resourceVersion = query.get('resourceVersion')
  return {
    ...(gracePeriodSeconds !== undefined && { gracePeriodSeconds }),
    ...(propagationPolicy !== null && { propagationPolicy }),
    ...(query.has('orphanDependents') && {
      orphanDependents: queryBoolean(query, 'orphanDependents'),
    }),
    ...(dryRun.length > 0 && { dryRun }),
    // Of the deletion of a collection too, where the version was meant for the list.
    ...((uid || resourceVersion) && {
      preconditions: { ...(uid && { uid }), ...(resourceVersion && { resourceVersion }) },
    }),
  }
}

const POLICIES = ['Foreground', 'Background', 'Orphan']

function optionErrors(options: DeleteOptions): FieldError[] {
  const { propagationPolicy, orphanDependents, dryRun } = options
  const errors: FieldError[] = []
  const path = FieldPath.of('propagationPolicy')
  if (orphanDependents !== undefined && propagationPolicy !== undefined)
    errors.push(
      invalidValue(
        path,
        propagationPolicy,
        'orphanDependents and deletionPropagation cannot be both set',
      ),
    )
  if (propagationPolicy !== undefined && !POLICIES.includes(propagationPolicy))
    errors.push(notSupported(path, propagationPolicy, [...POLICIES, 'nil']))
  return [...errors, ...dryRunErrors(dryRun ?? [])]
}
