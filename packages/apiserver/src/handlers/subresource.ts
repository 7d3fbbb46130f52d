import {
  type ApiResponse,
  badRequest,
  type KubeObject,
  methodNotAllowed,
  notFound,
} from '@miniplane/api'
import { decodeBody } from '../negotiation/decode-object.js'
import { writeOptions } from '../negotiation/options.js'
import { bytesResponse } from '../negotiation/respond.js'
import type { RequestContext } from '../pipeline/stage.js'
import { admissionSteps } from '../registry/generic/admission-request.js'
import { deleteObject } from '../registry/generic/delete.js'
import type { DeleteOptions } from '../registry/generic/delete-options.js'
import { draftOf } from '../registry/generic/draft-of.js'
import { ON_OWN_ACCOUNT, updateObject } from '../registry/generic/update.js'
import { scaleSubresource } from '../registry/scale-subresource.js'
import { statusSubresource } from '../registry/status-rules.js'
import type { SubresourceContext, SubresourceStrategy } from '../registry/strategy.js'
import type { WriteContext } from '../registry/write-context.js'
import { unstored } from '../storage/unstored.js'
import { placeInNamespace } from './create.js'
import { expectedKind } from './expected-kind.js'
import { negotiateObject, presentUntabled } from './present.js'
import { type Scope, type Services, writeContextOf } from './scope.js'

const PLAIN_STATUS = statusSubresource()
const PLAIN_SCALE = scaleSubresource('labelSelector')
const MAP_SCALE = scaleSubresource('map')

/** The kind's own way with a subresource, or the one that every kind shares. */
export function subresourceStrategy({
  definition,
  resource,
  subresource,
}: Scope): SubresourceStrategy | undefined {
  if (!subresource) return undefined
  const own = resource.strategy.subresources?.[subresource.name]
  switch (subresource.name) {
    case 'status':
      return own ?? PLAIN_STATUS
    case 'scale':
      return { ...(definition.kind === 'ReplicationController' ? MAP_SCALE : PLAIN_SCALE), ...own }
    default:
      return own
  }
}

/** The rules for writes through it: a view that only injects is bound by those of the kind. */
export function writeRules(strategy: SubresourceStrategy | undefined) {
  const isView = strategy?.inject !== undefined && strategy.prepareForUpdate === undefined
  return isView ? undefined : strategy
}

/** POST to a subresource that does something: binding, eviction, token. */
export async function handleSubresourceCreate(
  services: Services,
  scope: Scope,
  context: RequestContext,
): Promise<ApiResponse> {
  const strategy = subresourceStrategy(scope)
  if (!strategy?.create) throw methodNotAllowed(scope.definition, 'create')
  negotiateObject(context, false, 'untabled')
  const options = writeOptions(context.request.query, 'CreateOptions')
  const sent = decodeBody(context, services.catalog, expectedKind(scope), options.fieldValidation)
  placeInNamespace(sent, scope)
  if (sent.kind === 'Binding' && sent.metadata.name !== scope.name)
    throw badRequest('name in URL does not match name in Binding object')
  const writeContext = writeContextOf(services, scope, context, { ...options }, options.dryRun)
  const steps = admissionSteps(services.admission, 'CREATE', scope.resource, writeContext)
  await steps?.admit(scope.name, sent, undefined)
  await steps?.validate(scope.name, sent, undefined)
  const acting = subresourceContext(services, scope, writeContext)
  const created = await strategy.create(sent, scope.name, acting)
  return presentUntabled(expectedKind(scope), context, unstored(created))
}

/** GET or POST of a subresource for which the kind has an answer of its own. */
export async function handleOwnConnect(
  services: Services,
  scope: Scope,
  context: RequestContext,
): Promise<ApiResponse> {
  const strategy = subresourceStrategy(scope)
  if (!strategy?.connect) throw methodNotAllowed(scope.definition, 'connect')
  const writeContext = writeContextOf(services, scope, context, {}, false)
  const acting = subresourceContext(services, scope, writeContext)
  const answer = await strategy.connect(scope.name, context.request.query, acting)
  return bytesResponse(answer.status, answer.contentType, answer.body)
}

/** What an acting subresource may do to its parent. */
export function subresourceContext(
  services: Services,
  scope: Scope,
  context: WriteContext,
): SubresourceContext<KubeObject> {
  return {
    ...context,
    async guaranteedUpdate(name, change) {
      const updated = await updateObject(
        services,
        scope.resource,
        {
          name,
          verb: 'update',
          mayCreate: false,
          subresource: ON_OWN_ACCOUNT,
          produce(stored) {
            if (!stored) throw notFound(scope.definition, name)
            const draft = draftOf(stored)
            change(draft, stored)
            return draft
          },
        },
        context,
      )
      return updated.object
    },
    async delete(name, options) {
      const given = (options ?? {}) as DeleteOptions
      const dryRun = context.dryRun || (given.dryRun?.length ?? 0) > 0
      const deleting = { ...context, dryRun }
      const { object } = await deleteObject(services, scope.resource, name, given, deleting)
      return object
    },
  }
}
