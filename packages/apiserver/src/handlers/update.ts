import { type ApiResponse, apiVersionOf, badRequest, type KubeObject } from '@miniplane/api'
import { decodeBody } from '../negotiation/decode-object.js'
import { writeOptions } from '../negotiation/options.js'
import type { RequestContext } from '../pipeline/stage.js'
import { dropDuplicateOwners } from '../registry/generic/owner-references.js'
import { type Updated, updateObject } from '../registry/generic/update.js'
import type { SubresourceStrategy } from '../registry/strategy.js'
import { unstored } from '../storage/unstored.js'
import { placeInNamespace } from './create.js'
import { draftFrom } from './draft.js'
import { expectedKind } from './expected-kind.js'
import { negotiateObject, presentObject } from './present.js'
import { type Scope, type Services, writeContextOf } from './scope.js'
import { subresourceStrategy, writeRules } from './subresource.js'

/** PUT of an object, or of a subresource that is a view of it. */
export async function handleUpdate(
  services: Services,
  scope: Scope,
  context: RequestContext,
): Promise<ApiResponse> {
  negotiateObject(context)
  const { resource, name } = scope
  const options = writeOptions(context.request.query, 'UpdateOptions')
  const expected = expectedKind(scope)
  const subresource = subresourceStrategy(scope)
  const decode = () => {
    const draft = decodeBody(context, services.catalog, expected, options.fieldValidation)
    draft.apiVersion = apiVersionOf(expected)
    placeInNamespace(draft, scope)
    checkName(draft, name)
    return draft
  }
  const writeContext = writeContextOf(services, scope, context, { ...options }, options.dryRun)
  const first = decode()
  let isFirst = true
  const updated = await updateObject(
    services,
    resource,
    {
      name,
      verb: 'update',
      mayCreate: subresource === undefined || scope.subresource?.name === 'status',
      uid: first.metadata.uid,
      subresource: writeRules(subresource),
      produce(stored) {
        // A draft belongs to one attempt; the next one decodes the body again.
        const sent = isFirst ? first : decode()
        isFirst = false
        dropDuplicateOwners(sent, writeContext, 'as sent')
        return draftFrom(sent, stored, scope, subresource, writeContext, services)
      },
    },
    writeContext,
  )
  return presentUpdated(services, scope, context, subresource, updated)
}

/** A patch may not rename or move the object, nor what a view shows of it. */
export function checkTarget(patched: KubeObject, scope: Scope): void {
  checkName(patched, scope.name)
  placeInNamespace(patched, scope)
}

function checkName({ metadata }: KubeObject, name: string): void {
  if (!metadata.name)
    throw badRequest(
      `the name of the object (${name} based on URL) was undeterminable: name must be provided`,
    )
  if (metadata.name !== name)
    throw badRequest(
      `the name of the object (${metadata.name}) does not match the name on the URL (${name})`,
    )
}

export function presentUpdated(
  services: Services,
  scope: Scope,
  context: RequestContext,
  subresource: SubresourceStrategy | undefined,
  { stored, object, created }: Updated,
): ApiResponse {
  const project = subresource?.project
  const value =
    project !== undefined
      ? unstored(project(object))
      : stored && !scope.resource.conversion && stored.object === object
        ? stored
        : unstored(object)
  return presentObject(services, scope, context, created ? 201 : 200, value)
}
