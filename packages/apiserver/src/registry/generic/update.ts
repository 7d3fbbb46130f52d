import { conflict, isEqual, type KubeObject, notFound } from '@miniplane/api'
import { demand } from '../../authz/authorizer.js'
import { isSameOwnership } from '../../field-managers/managed.js'
import { normalise } from '../../storage/normalise.js'
import type { StoredObject } from '../../storage/stored-object.js'
import { keepSystemMetadata, setGeneration } from '../metadata.js'
import type { Resource } from '../resource.js'
import type { SubresourceStrategy } from '../strategy.js'
import type { WriteContext } from '../write-context.js'
import { type AdmissionSteps, admissionSteps } from './admission-request.js'
import { checkChanged, refuseIfInvalid } from './checks.js'
import { createOnce, type RegistryServices, toServed, toStored, type Written } from './create.js'
import { dropDuplicateOwners } from './owner-references.js'
import { OPTIMISTIC_LOCK_MESSAGE, readVersion, resolveResourceVersion } from './resource-version.js'

export interface UpdateRequest {
  readonly name: string
  /**
   * The new form of the object with its managed fields, a draft of the caller's own. Called again
   * after each conflict with another writer, with what is stored by then; `stored` is undefined when
   * there is nothing.
   */
  produce(stored: KubeObject | undefined): KubeObject | Promise<KubeObject>
  /** The object must have this uid. */
  readonly uid?: string | undefined
  /** A missing object is created, where the kind allows it or (`always`) anyhow. */
  readonly mayCreate: boolean | 'always'
  /** The write goes through a subresource. */
  readonly subresource?: SubresourceStrategy | undefined
  readonly verb: 'update' | 'patch'
}

/** The writer has checked what it writes; the kind's rules for clients do not apply. */
export const ON_OWN_ACCOUNT: SubresourceStrategy = {}

export type Updated = Written & { readonly created: boolean }

/**
 * Replaces an object: produce → admission → allocate → prepare → validate → validating admission →
 * store, again from the start when another writer was faster (a client that insisted on a
 * resourceVersion gets its conflict then). A write that changes nothing is not stored. Throws a `StatusError`.
 */
export async function updateObject(
  services: RegistryServices,
  resource: Resource,
  request: UpdateRequest,
  context: WriteContext,
): Promise<Updated> {
  const { definition, storage } = resource
  const steps = admissionSteps(services.admission, 'UPDATE', resource, context)
  let stored = await storage.get(context.namespace, request.name)
  for (let attempt = 1; ; attempt++) {
    const result = stored
      ? await updateOnce(services, resource, request, context, steps, stored)
      : await createMissing(services, resource, request, context)
    if ('object' in result) return result
    stored = result.current
    if (attempt >= services.limits.updateAttemptsMax)
      throw conflict(definition, request.name, OPTIMISTIC_LOCK_MESSAGE)
  }
}

interface Retry {
  readonly current: StoredObject | undefined
}

async function createMissing(
  services: RegistryServices,
  resource: Resource,
  request: UpdateRequest,
  context: WriteContext,
): Promise<Updated | Retry> {
  const { definition, strategy } = resource
  const isAllowed = request.mayCreate === 'always' || strategy.allowCreateOnUpdate
  if (!request.mayCreate || !isAllowed) throw notFound(definition, request.name)
  if (request.uid !== undefined) {
    const key = resource.storage.keyOf(context.namespace, request.name)
    throw conflict(definition, request.name, uidMessage(key, undefined, request.uid, context))
  }
  const draft = await request.produce(undefined)
  const steps = admissionSteps(services.admission, 'CREATE', resource, context)
  if (steps) await steps.admit(request.name, draft, undefined)
  // The right to change what is there is none to make it.
  demand(services.authorizer, context.user, { ...context.requestContext.info, verb: 'create' })
  // To which version it was meant to be a change is of no concern here, if only it is one.
  readVersion(draft.metadata.resourceVersion ?? '')
  if (!context.dryRun) delete draft.metadata.resourceVersion
  const written = await createOnce(services, resource, draft, context, steps)
  if (written) return { ...written, created: true }
  return { current: await resource.storage.get(context.namespace, request.name) }
}

async function updateOnce(
  services: RegistryServices,
  resource: Resource,
  request: UpdateRequest,
  context: WriteContext,
  steps: AdmissionSteps | undefined,
  stored: StoredObject,
): Promise<Updated | Retry> {
  const { definition, strategy } = resource
  const current = toServed(resource, stored.object)
  if (request.uid !== undefined && request.uid !== current.metadata.uid)
    throw conflict(
      definition,
      request.name,
      uidMessage(stored.key, current.metadata.uid, request.uid, context),
    )
  const draft = await request.produce(current)
  if (steps) await steps.admit(request.name, draft, current)
  dropDuplicateOwners(draft, context, 'after admission')
  keepTimes(draft, current, resource)
  resolveResourceVersion(resource, draft, stored, request.name)
  // A subresource leaves alone what has to be allocated.
  const allocation =
    !request.subresource && strategy.allocate
      ? await strategy.allocate(draft, current, context)
      : undefined
  if (!allocation) return storeChange(services, resource, request, context, steps, stored, draft)
  let stays = false
  try {
    const result = await storeChange(services, resource, request, context, steps, stored, draft)
    stays = 'object' in result && !context.dryRun
    return result
  } finally {
    await (stays ? allocation.commit() : allocation.rollback())
  }
}

async function storeChange(
  services: RegistryServices,
  resource: Resource,
  request: UpdateRequest,
  context: WriteContext,
  steps: AdmissionSteps | undefined,
  stored: StoredObject,
  draft: KubeObject,
): Promise<Updated | Retry> {
  const { definition, storage } = resource
  const current = toServed(resource, stored.object)
  prepareChange(resource, draft, current, context, request.subresource)
  // Never stored, but seen by a dry run.
  if (!context.dryRun) delete draft.metadata.selfLink
  if (steps) await steps.validate(request.name, draft, current)
  const final = normalise(draft, definition.schema)
  if (isFinished(final, current)) {
    const removed = await removeFinished(services, resource, stored, final, context)
    return { ...removed, created: false }
  }
  if (isEqual(final, current)) return { stored, object: current, created: false }
  if (context.dryRun) return { object: final, created: false }
  const result = await storage.update(stored, toStored(resource, final))
  if (result.outcome === 'conflict') return { current: result.current }
  const { verb } = request
  services.causes.record(context, verb, definition, stored.key, result.stored, stored)
  return {
    stored: result.stored,
    object: toServed(resource, result.stored.object),
    created: false,
  }
}

/** A write that changes nothing but the times of its managers changes nothing. */
function keepTimes(draft: KubeObject, current: KubeObject, { definition }: Resource): void {
  const [now, before] = [draft.metadata.managedFields, current.metadata.managedFields]
  if (!now || !before || now === before || !isSameOwnership(now, before)) return
  draft.metadata.managedFields = before
  if (!isEqual(normalise(draft, definition.schema), current)) draft.metadata.managedFields = now
}

function prepareChange(
  resource: Resource,
  draft: KubeObject,
  current: KubeObject,
  context: WriteContext,
  subresource: SubresourceStrategy | undefined,
): void {
  const { strategy, definition } = resource
  setGeneration(draft.metadata, current.metadata.generation)
  if (subresource) subresource.prepareForUpdate?.(draft, current, context)
  else {
    if (resource.emptyStatus) draft.status = current.status
    strategy.prepareForUpdate?.(draft, current, context)
  }
  keepSystemMetadata(draft.metadata, current.metadata)
  const errors = checkChanged(resource, draft, current, context, subresource)
  refuseIfInvalid(definition, draft.metadata.name ?? '', errors)
  const warnings = subresource
    ? subresource.warningsOnUpdate?.(draft, current)
    : strategy.warningsOnUpdate?.(draft, current)
  for (const text of warnings ?? []) context.warn(text)
}

/** A terminating object that lost its last finalizer goes now. */
function isFinished(draft: KubeObject, current: KubeObject): boolean {
  const { deletionTimestamp, deletionGracePeriodSeconds = 0 } = current.metadata
  return (
    deletionTimestamp !== undefined &&
    deletionGracePeriodSeconds === 0 &&
    (draft.metadata.finalizers?.length ?? 0) === 0
  )
}

async function removeFinished(
  services: RegistryServices,
  resource: Resource,
  stored: StoredObject,
  draft: KubeObject,
  context: WriteContext,
): Promise<Written> {
  if (resource.strategy.holdsDeletion?.(draft))
    return holdFinished(services, resource, stored, draft, context)
  if (context.dryRun) return { object: draft }
  const result = await resource.storage.delete(stored)
  if (result.outcome === 'conflict')
    throw conflict(resource.definition, draft.metadata.name ?? '', OPTIMISTIC_LOCK_MESSAGE)
  services.causes.record(context, 'delete', resource.definition, stored.key, result.stored, stored)
  await resource.strategy.afterDelete?.(toServed(resource, stored.object), context)
  return { object: draft }
}

/** Something beside the finalizers (those of a Namespace's spec) still holds it: an update then. */
async function holdFinished(
  services: RegistryServices,
  resource: Resource,
  stored: StoredObject,
  draft: KubeObject,
  context: WriteContext,
): Promise<Written> {
  if (context.dryRun) return { object: draft }
  if (isEqual(draft, toServed(resource, stored.object))) return { stored, object: draft }
  const result = await resource.storage.update(stored, toStored(resource, draft))
  if (result.outcome === 'conflict')
    throw conflict(resource.definition, draft.metadata.name ?? '', OPTIMISTIC_LOCK_MESSAGE)
  services.causes.record(context, 'update', resource.definition, stored.key, result.stored, stored)
  return { stored: result.stored, object: toServed(resource, result.stored.object) }
}

/** A dry run meets no store, and knows its keys by their ends. */
function uidMessage(
  key: string,
  uid: string | undefined,
  wanted: string,
  { dryRun }: WriteContext,
): string {
  const shown = dryRun ? key.slice(key.indexOf('/', 1)) : key
  return `StorageError: invalid object, Code: 4, Key: ${shown}, ResourceVersion: 0, AdditionalErrorMsg: Precondition failed: UID in precondition: ${wanted}, UID in object meta: ${uid ?? ''}`
}
