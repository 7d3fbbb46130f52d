import type { KubeObject } from '@miniplane/api'
import { gvkOf, isStatusError } from '@miniplane/api'
import type { FieldManager } from '../field-managers/field-manager.js'
import type { Services } from '../handlers/scope.js'
import type { RequestContext } from '../pipeline/stage.js'
import { createObject } from '../registry/generic/create.js'
import { draftOf } from '../registry/generic/draft-of.js'
import { updateObject } from '../registry/generic/update.js'
import type { Resource } from '../registry/resource.js'
import type { WriteContext } from '../registry/write-context.js'
import { normalise } from '../storage/normalise.js'
import { bootstrapManagers } from './managers.js'
import { ownWrite, serverContext } from './own-write.js'
import { revised } from './revise.js'

/** Creates those of `objects` that are not there, and revises the others. */
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
  const { manager, statusManager } = bootstrapManagers(definition.kind)
  const context = { ...ownWrite(services, resource, object, request), manager }
  const draft = structuredClone(object)
  resource.strategy.setDefaults?.(draft)
  const stored = await resource.storage.get(namespace, name)
  if (stored) {
    const wanted = normalise(draft, definition.schema)
    if (revised(stored.object, wanted)) await revise(services, resource, wanted, context)
    return
  }
  if (statusManager)
    applyStatus(services.fieldManagers.of(definition, 'status'), draft, statusManager)
  try {
    // These come with the status that a controller would give them in a moment.
    const strategy = { ...resource.strategy, keepsStatusOnCreate: true }
    await createObject(services, { ...resource, strategy }, () => draft, context)
  } catch (error) {
    // Another server, or a client, was faster.
    if (!isStatusError(error, 'AlreadyExists')) throw error
  }
}

async function revise(
  services: Services,
  resource: Resource,
  wanted: KubeObject,
  context: WriteContext,
): Promise<void> {
  const fieldManager = services.fieldManagers.of(resource.definition, '')
  const produce = (stored: KubeObject | undefined) => {
    const current = stored as KubeObject
    const draft = revised(current, wanted)
    if (!draft) return draftOf(current)
    fieldManager.update(current, draft, context.manager)
    return draft
  }
  const name = wanted.metadata.name ?? ''
  await updateObject(
    services,
    resource,
    { name, verb: 'update', mayCreate: false, produce },
    context,
  )
}

/** As if its controller had applied the status in a write of its own. */
function applyStatus(fieldManager: FieldManager, draft: KubeObject, manager: string): void {
  const { apiVersion = '', kind = '', metadata, status } = draft
  const config = { apiVersion, kind, metadata: { name: metadata.name ?? '' }, status }
  const empty = { apiVersion, kind, metadata: {} }
  fieldManager.write(draft, fieldManager.apply(empty, config, manager, true).managed)
}
