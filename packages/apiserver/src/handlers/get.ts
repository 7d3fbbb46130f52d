import { type ApiResponse, notFound, tooLargeResourceVersion } from '@miniplane/api'
import { unstored } from '../negotiation/respond.js'
import type { RequestContext } from '../pipeline/stage.js'
import { versionOrBadRequest } from './list-options.js'
import { presentObject } from './present.js'
import type { Scope, Services } from './scope.js'
import { subresourceStrategy } from './subresource.js'

/** GET of one object or of a subresource that is a view of it. */
export async function handleGet(
  services: Services,
  scope: Scope,
  context: RequestContext,
): Promise<ApiResponse> {
  const { definition, resource, namespace, name } = scope
  const wanted = versionOrBadRequest(context.request.query.get('resourceVersion') ?? '')
  if (wanted > 0) await resource.storage.catchUp(wanted)
  const stored = await resource.storage.get(namespace, name)
  if (!stored) throw notFound(definition, name)
  if (wanted > stored.revision && wanted > resource.storage.cache.revision)
    throw tooLargeResourceVersion(wanted, resource.storage.cache.revision, 1)
  const project = scope.subresource && subresourceStrategy(scope)?.project
  if (!project && !resource.conversion) return presentObject(services, scope, context, 200, stored)
  const served = resource.conversion ? resource.conversion.toServed(stored.object) : stored.object
  return presentObject(services, scope, context, 200, unstored(project ? project(served) : served))
}
