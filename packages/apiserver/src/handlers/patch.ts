import {
  type ApiResponse,
  type FieldError,
  forbiddenField,
  genericServerResponse,
  type KubeObject,
  required,
  StatusError,
  unsupportedMediaType,
} from '@miniplane/api'
import { mediaTypeOf } from '../negotiation/body.js'
import { type WriteOptions, writeOptions } from '../negotiation/options.js'
import type { RequestContext } from '../pipeline/stage.js'
import { updateObject } from '../registry/generic/update.js'
import type { SubresourceStrategy } from '../registry/strategy.js'
import type { WriteContext } from '../registry/write-context.js'
import { type Configuration, draftFromApply, readConfiguration } from './apply.js'
import { draftFrom, shownBy } from './draft.js'
import { patchedObject } from './patched-object.js'
import { negotiateObject } from './present.js'
import { type ReadPatch, readPatch } from './read-patch.js'
import { type Scope, type Services, writeContextOf } from './scope.js'
import { subresourceStrategy, writeRules } from './subresource.js'
import { checkTarget, presentUpdated } from './update.js'

const TYPES = {
  'application/json-patch+json': 'json',
  'application/merge-patch+json': 'merge',
  'application/strategic-merge-patch+json': 'strategic',
  'application/apply-patch+yaml': 'apply',
} as const
type PatchType = (typeof TYPES)[keyof typeof TYPES]

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
      mayCreate:
        type === 'apply' && (scope.subresource ? scope.subresource.name === 'status' : 'always'),
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
      return draftFromApply(...applied, services)
    }
  }
  let read: ReadPatch | undefined
  return (stored) => {
    const target = shownBy(subresource, stored as KubeObject, services)
    // Not before: whether the object exists is the first question.
    read ??= readPatch(
      requestContext,
      type,
      options.fieldValidation,
      services.limits.jsonPatchOperationsMax,
    )
    const patching = { ...read, type, scope, options, context: requestContext }
    const patched = patchedObject(target, patching, services.catalog)
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
