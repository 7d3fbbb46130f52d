import type { KubeObject } from '@miniplane/api'
import { gvkOf, isStatusError } from '@miniplane/api'
import { type Scope, type Services, writeContextOf } from '../handlers/scope.js'
import { requestInfoOf } from '../pipeline/request-info.js'
import type { RequestContext } from '../pipeline/stage.js'
import { createObject } from '../registry/generic/create.js'

/** Creates those of `objects` that are not there. Run by every server at its start. */
export async function ensureObjects(
  services: Services,
  objects: readonly KubeObject[],
): Promise<void> {
  for (const object of objects) await ensureOne(services, object)
}

async function ensureOne(services: Services, object: KubeObject): Promise<void> {
  const definition = services.catalog.byKind(gvkOf(object.apiVersion ?? '', object.kind ?? ''))
  if (!definition) return
  const { name = '', namespace } = object.metadata
  const resource = await services.resources.ready(definition)
  if (await resource.storage.get(namespace, name)) return
  const scope: Scope = { definition, resource, namespace, name, subresource: undefined }
  const context = writeContextOf(services, scope, serverContext(), {}, false)
  const draft = structuredClone(object)
  resource.strategy.setDefaults?.(draft)
  try {
    // These come with the status that a controller would give them in a moment.
    const strategy = { ...resource.strategy, keepsStatusOnCreate: true }
    await createObject(services, { ...resource, strategy }, draft, context)
  } catch (error) {
    // Another server, or a client, was faster.
    if (!isStatusError(error, 'AlreadyExists')) throw error
  }
}

/** The request of nobody: the server writes on its own account. */
function serverContext(): RequestContext {
  const request = {
    method: 'POST',
    path: '/',
    query: new URLSearchParams(),
    headers: { 'user-agent': 'kube-apiserver' },
    signal: new AbortController().signal,
  }
  return {
    request,
    auditId: '',
    info: requestInfoOf(request),
    user: { name: 'system:apiserver', groups: ['system:masters'] },
    warnings: [],
  }
}
