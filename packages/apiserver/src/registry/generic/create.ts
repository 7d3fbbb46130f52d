import {
  alreadyExists,
  generateNameConflict,
  type KubeObject,
  type ObjectMeta,
  StatusError,
} from '@miniplane/api'
import type { AdmissionChain } from '../../admission/chain.js'
import type { Authorizer } from '../../authz/authorizer.js'
import type { CauseLog } from '../../causes/cause-log.js'
import type { FieldManagers } from '../../field-managers/field-managers.js'
import type { Limits } from '../../limits.js'
import { plainServerError } from '../../plain-server-error.js'
import { normalise } from '../../storage/normalise.js'
import type { StoredObject } from '../../storage/stored-object.js'
import { fillSystemMetadata, generateName, wipeSystemMetadata } from '../metadata.js'
import type { Resource } from '../resource.js'
import type { WriteContext } from '../write-context.js'
import { type AdmissionSteps, admissionSteps } from './admission-request.js'
import { checkNew, refuseIfInvalid } from './checks.js'
import { dropDuplicateOwners } from './owner-references.js'
import { parseResourceVersion } from './resource-version.js'

export interface RegistryServices {
  readonly admission: AdmissionChain
  readonly causes: CauseLog
  readonly fieldManagers: FieldManagers
  readonly limits: Limits
  readonly authorizer: Authorizer
}

/** What a write leaves: an object in the store, or (after a dry run) only what it would have been. */
export type Written =
  | { readonly stored: StoredObject; readonly object: KubeObject }
  | { readonly stored?: undefined; readonly object: KubeObject }

/**
 * Stores a new object: managed fields → admission → allocate → prepare → validate → validating
 * admission → store. `newDraft` makes a draft that may be taken over; it is called again when another
 * writer was faster with a generated name. Throws a `StatusError`.
 */
export async function createObject(
  services: RegistryServices,
  resource: Resource,
  newDraft: () => KubeObject,
  context: WriteContext,
): Promise<Written> {
  const { definition } = resource
  for (let attempt = 1; ; attempt++) {
    const draft = newDraft()
    wipeSystemMetadata(draft)
    dropDuplicateOwners(draft, context, 'as sent')
    // Before admission, whose changes belong to nobody.
    services.fieldManagers.of(definition, '').update(undefined, draft, context.manager)
    const steps = admissionSteps(services.admission, 'CREATE', resource, context)
    if (steps) {
      await steps.admit(draft.metadata.name ?? '', draft, undefined)
      dropDuplicateOwners(draft, context, 'after admission')
    }
    const prefix = draft.metadata.name ? undefined : draft.metadata.generateName
    if (prefix) draft.metadata.name = freeName(services, resource, prefix, context)
    const written = await createOnce(services, resource, draft, context, steps)
    if (written) return written
    const name = draft.metadata.name ?? ''
    if (!prefix) throw taken(resource, context, draft.metadata)
    if (attempt >= services.limits.generateNameAttemptsMax)
      throw generateNameConflict(definition, name, 1)
  }
}

/** A name that nobody has, or the last of those that were tried. */
function freeName(
  { limits }: RegistryServices,
  { storage }: Resource,
  prefix: string,
  { namespace = '', random }: WriteContext,
): string {
  let name = generateName(prefix, random)
  for (let n = 1; n < limits.generateNameAttemptsMax && storage.cache.get(namespace, name); n++)
    name = generateName(prefix, random)
  return name
}

function taken(
  { definition, storage }: Resource,
  context: WriteContext,
  { name = '', generateName }: ObjectMeta,
): Error {
  // It might have been made, for all that the real server knows by then.
  const error = generateName
    ? generateNameConflict(definition, name, 1)
    : alreadyExists(definition, name)
  const existing = storage.cache.get(context.namespace ?? '', name)
  if (!existing?.object.metadata.deletionTimestamp) return error
  const message = `object is being deleted: ${error.message}`
  return new StatusError({ ...error.status, message })
}

/** Prepares and stores; undefined when the name is taken. */
export async function createOnce(
  services: RegistryServices,
  resource: Resource,
  draft: KubeObject,
  context: WriteContext,
  steps: AdmissionSteps | undefined,
): Promise<Written | undefined> {
  const { strategy } = resource
  wipeSystemMetadata(draft)
  fillSystemMetadata(draft, context.clock, context.random)
  const allocation = strategy.allocate && (await strategy.allocate(draft, undefined, context))
  if (!allocation) return storeNew(services, resource, draft, context, steps)
  let isStored = false
  try {
    const written = await storeNew(services, resource, draft, context, steps)
    isStored = written?.stored !== undefined
    return written
  } finally {
    await (isStored ? allocation.commit() : allocation.rollback())
  }
}

async function storeNew(
  services: RegistryServices,
  resource: Resource,
  draft: KubeObject,
  context: WriteContext,
  steps: AdmissionSteps | undefined,
): Promise<Written | undefined> {
  prepareNew(resource, draft, context)
  const name = draft.metadata.name ?? ''
  if (steps) await steps.validate(name, draft, undefined)
  const { storage, definition } = resource
  if (!context.dryRun) refuseVersion(draft)
  const key = storage.keyOf(context.namespace, name)
  if (storage.cache.get(context.namespace ?? '', name)) return undefined
  resource.strategy.setReadDefaults?.(draft)
  const final = normalise(draft, definition.schema)
  if (context.dryRun) return { object: final }
  const result = await storage.create(context.namespace, name, toStored(resource, final))
  if (result.outcome === 'conflict') return undefined
  const { stored } = result
  services.causes.record(context, 'create', definition, key, stored, undefined)
  return { stored, object: toServed(resource, stored.object) }
}

function prepareNew(resource: Resource, draft: KubeObject, context: WriteContext): void {
  const { strategy, definition, emptyStatus } = resource
  if (emptyStatus && !strategy.keepsStatusOnCreate) draft.status = emptyStatus()
  strategy.prepareForCreate?.(draft, context)
  refuseIfInvalid(definition, draft.metadata.name ?? '', checkNew(resource, draft, context))
  for (const text of strategy.warningsOnCreate?.(draft) ?? []) context.warn(text)
}

/** The real server's storage complains of a version it can read, except of 0; dry runs never get there. */
function refuseVersion({ metadata }: KubeObject): void {
  const { resourceVersion = '' } = metadata
  if (/^\d+$/.test(resourceVersion) && parseResourceVersion(resourceVersion) !== 0)
    throw plainServerError('resourceVersion should not be set on objects to be created')
  delete metadata.resourceVersion
}

export const toStored = ({ conversion }: Resource, served: KubeObject): KubeObject =>
  conversion ? conversion.toStored(served) : served

export const toServed = ({ conversion }: Resource, stored: KubeObject): KubeObject =>
  conversion ? conversion.toServed(stored) : stored
