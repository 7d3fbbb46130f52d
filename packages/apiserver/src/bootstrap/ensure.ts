import type { KubeObject } from '@miniplane/api'
import { gvkOf, isStatusError } from '@miniplane/api'
import type { FieldManager } from '../field-managers/field-manager.js'
import type { Services } from '../handlers/scope.js'
import type { RequestContext } from '../pipeline/stage.js'
import { createObject } from '../registry/generic/create.js'
import { bootstrapManagers } from './managers.js'
import { ownWrite, serverContext } from './own-write.js'

/** Creates those of `objects` that are not there. Run by every server at its start. */
export async function ensureObjects(
  services: Services,
  objects: readonly KubeObject[],
): Promise<void> {
  const request = serverContext()
  for (const object of objects) await ensureOne(services, object, request)
}

async function ensureOne(
  services: Services,
  object: KubeObject,
  request: RequestContext,
): Promise<void> {
  const definition = services.catalog.byKind(gvkOf(object.apiVersion ?? '', object.kind ?? ''))
  if (!definition) return
  const { name = '', namespace } = object.metadata
  const resource = await services.resources.ready(definition)
  if (await resource.storage.get(namespace, name)) return
  const { manager, statusManager } = bootstrapManagers(definition.kind)
  const context = { ...ownWrite(services, resource, object, request), manager }
  const draft = structuredClone(object)
  if (statusManager)
    applyStatus(services.fieldManagers.of(definition, 'status'), draft, statusManager)
  resource.strategy.setDefaults?.(draft)
  try {
    // These come with the status that a controller would give them in a moment.
    const strategy = { ...resource.strategy, keepsStatusOnCreate: true }
    await createObject(services, { ...resource, strategy }, () => draft, context)
  } catch (error) {
    // Another server, or a client, was faster.
    if (!isStatusError(error, 'AlreadyExists')) throw error
  }
}

/** As if its controller had applied the status in a write of its own. */
function applyStatus(fieldManager: FieldManager, draft: KubeObject, manager: string): void {
  const { apiVersion = '', kind = '', metadata, status } = draft
  const config = { apiVersion, kind, metadata: { name: metadata.name ?? '' }, status }
  const empty = { apiVersion, kind, metadata: {} }
  fieldManager.write(draft, fieldManager.apply(empty, config, manager, true).managed)
}
