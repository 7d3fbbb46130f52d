import { type ApiResponse, type ComponentStatus, methodNotAllowed, notFound } from '@miniplane/api'
import type { ComponentHealth } from '../health/components.js'
import { queryBoolean } from '../negotiation/query.js'
import type { RequestContext } from '../pipeline/stage.js'
import { versionForm } from '../storage/shared-object.js'
import { listOptionsOf, watchScopeOf } from './list-options.js'
import { negotiateObject, presentList, presentObject } from './present.js'
import type { Scope, Services } from './scope.js'

/** In whose name the real server looks for one. */
const SINGULAR = { group: '', resource: 'componentstatus' }

/** GET of ComponentStatuses: nobody stores them, they say how the components are at this moment. */
export async function handleComponentStatus(
  services: Services,
  scope: Scope,
  context: RequestContext,
): Promise<ApiResponse> {
  const { name, definition } = scope
  if (name !== '') {
    const probe = services.components.get(name)
    if (!probe) throw notFound(SINGULAR, name)
    return presentObject(services, scope, context, 200, versionForm(await statusOf(name, probe)))
  }
  const { query } = context.request
  if (queryBoolean(query, 'watch')) throw methodNotAllowed(definition, 'watch')
  const representation = negotiateObject(context, true)
  const wanted = watchScopeOf(scope, listOptionsOf(query, scope, false))
  const all = await Promise.all([...services.components].map((one) => statusOf(...one)))
  const items = all.filter(
    (one) =>
      (wanted.name === undefined || wanted.name === one.metadata.name) &&
      (!wanted.matches || wanted.matches(one)),
  )
  return presentList(services, scope, context, items.map(versionForm), {}, representation)
}

async function statusOf(
  name: string,
  probe: () => Promise<ComponentHealth>,
): Promise<ComponentStatus> {
  const { isWell, message, error } = await probe()
  return {
    kind: 'ComponentStatus',
    apiVersion: 'v1',
    metadata: { name },
    conditions: [
      {
        type: 'Healthy',
        status: isWell ? 'True' : 'False',
        ...(message !== '' && { message }),
        ...(error !== undefined && { error }),
      },
    ],
  }
}
