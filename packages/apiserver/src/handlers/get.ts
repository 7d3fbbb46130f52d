import { type ApiResponse, badRequest, notFound, tooLargeResourceVersion } from '@miniplane/api'
import { queryBoolean } from '../negotiation/query.js'
import type { RequestContext } from '../pipeline/stage.js'
import { unstored } from '../storage/unstored.js'
import { versionOrServerError } from './list-options.js'
import { inVersion, negotiateObject, presentObject } from './present.js'
import type { Scope, Services } from './scope.js'
import { subresourceStrategy } from './subresource.js'

/** GET of one object or of a subresource that is a view of it. */
export async function handleGet(
  services: Services,
  scope: Scope,
  context: RequestContext,
): Promise<ApiResponse> {
  negotiateObject(context)
  const { definition, resource, namespace, name } = scope
  const { query } = context.request
  if (queryBoolean(query, 'export'))
    throw badRequest('the export parameter, deprecated since v1.14, is no longer supported')
  const wanted = versionOrServerError(query.get('resourceVersion') ?? '')
  if (wanted > 0) await resource.storage.catchUp(wanted)
  const stored = await resource.storage.get(namespace, name)
  if (!stored) throw notFound(definition, name)
  if (wanted > stored.revision && wanted > resource.storage.cache.revision)
    throw tooLargeResourceVersion(wanted, resource.storage.cache.revision, 1)
  const project = scope.subresource && subresourceStrategy(scope)?.project
  const served = inVersion(resource.conversion?.toServed, definition, stored)
  const shown = project ? unstored(project(served.object)) : served
  return presentObject(services, scope, context, 200, shown)
}
