import { conflict, formatTime, isEqual, type KubeObject, notFound, parseTime } from '@miniplane/api'
import { normalise } from '../../storage/normalise.js'
import type { StoredObject } from '../../storage/stored-object.js'
import type { Resource } from '../resource.js'
import type { WriteContext } from '../write-context.js'
import { admissionSteps } from './admission-request.js'
import { spokenKind } from './checks.js'
import { type RegistryServices, toServed, toStored } from './create.js'
import type { DeleteOptions } from './delete-options.js'
import { finalizersFor } from './garbage-collection.js'
import { OPTIMISTIC_LOCK_MESSAGE } from './resource-version.js'

export interface Deleted {
  /** The object is gone from the store (or would be, in a dry run). */
  readonly isGone: boolean
  readonly object: KubeObject
}

type Plan =
  /** Goes now; `draft` is what is stored first when its last form differs. */
  | { readonly action: 'remove'; readonly draft?: KubeObject }
  /** Stays, terminating. */
  | { readonly action: 'mark'; readonly draft: KubeObject }
  /** Is terminating already and nothing changes. */
  | { readonly action: 'none' }

/**
 * Deletes an object, or marks it as terminating when finalizers hold it or it gets time to end by
 * itself. Deleting again can only shorten that time. Throws a `StatusError`.
 */
export async function deleteObject(
  services: RegistryServices,
  resource: Resource,
  name: string,
  options: DeleteOptions,
  context: WriteContext,
): Promise<Deleted> {
  const { definition, storage } = resource
  const steps = admissionSteps(services.admission, 'DELETE', resource, context)
  let stored = await storage.get(context.namespace, name)
  if (!stored) throw notFound(definition, name)
  if (steps) await steps.admit(name, undefined, toServed(resource, stored.object))
  for (let attempt = 1; ; attempt++) {
    const current = toServed(resource, stored.object)
    checkPreconditions(resource, current, options)
    if (steps) await steps.validate(name, undefined, current)
    const plan = planDeletion(resource, current, options, context)
    const result = await carryOut(services, resource, stored, plan, context)
    if ('object' in result) return result
    if (!result.current) throw notFound(definition, name)
    stored = result.current
    if (attempt >= services.limits.updateAttemptsMax)
      throw conflict(definition, name, OPTIMISTIC_LOCK_MESSAGE)
  }
}

function checkPreconditions(
  { definition }: Resource,
  { metadata }: KubeObject,
  { preconditions }: DeleteOptions,
): void {
  const texts = HAVE_OWN_STORAGE.has(definition.kind) ? OF_STORAGE : OF_REGISTRY
  const { group, kind } = spokenKind(definition)
  const of = texts === OF_STORAGE ? definition : { group, resource: kind }
  const { name = '', uid = '', resourceVersion = '' } = metadata
  const wanted = preconditions ?? {}
  if (wanted.uid !== undefined && wanted.uid !== uid)
    throw conflict(of, name, texts.uid(wanted.uid, uid))
  if (wanted.resourceVersion !== undefined && wanted.resourceVersion !== resourceVersion)
    throw conflict(of, name, texts.version(wanted.resourceVersion, resourceVersion))
}

type Mismatch = (wanted: string, found: string) => string

/** Kinds whose deletion is more than that, and looks at its conditions first. */
const HAVE_OWN_STORAGE = new Set(['Namespace', 'CustomResourceDefinition'])

const OF_REGISTRY: { readonly uid: Mismatch; readonly version: Mismatch } = {
  uid: (wanted, found) =>
    `the UID in the precondition (${wanted}) does not match the UID in record (${found}). The object might have been deleted and then recreated`,
  version: (wanted, found) =>
    `the ResourceVersion in the precondition (${wanted}) does not match the ResourceVersion in record (${found}). The object might have been modified`,
}
const OF_STORAGE: typeof OF_REGISTRY = {
  uid: (wanted, found) =>
    `Precondition failed: UID in precondition: ${wanted}, UID in object meta: ${found}`,
  version: (wanted, found) =>
    `Precondition failed: ResourceVersion in precondition: ${wanted}, ResourceVersion in object meta: ${found}`,
}

function planDeletion(
  resource: Resource,
  current: KubeObject,
  options: DeleteOptions,
  context: WriteContext,
): Plan {
  const { strategy } = resource
  const { metadata } = current
  const grace = graceful(resource, current, options)
  if (grace === 'pending') return { action: 'none' }
  const finalizers = finalizersFor(strategy, metadata, options) ?? metadata.finalizers ?? []
  const isHeld = finalizers.length > 0 || (strategy.holdsDeletion?.(current) ?? false)
  if (grace === undefined && !isHeld) return { action: 'remove' }
  const marked = terminating(current, finalizers, grace, context)
  strategy.prepareForDelete?.(marked, context)
  const draft = normalise(marked, resource.definition.schema)
  if (isHeld || (grace?.seconds ?? 0) > 0) return { action: 'mark', draft }
  return { action: 'remove', draft }
}

interface Grace {
  readonly seconds: number
  readonly deletionTimestamp?: string
}

/** `undefined`: this kind goes at once. `pending`: it is terminating and this asks for no less. */
function graceful(
  { strategy }: Resource,
  current: KubeObject,
  { gracePeriodSeconds }: DeleteOptions,
): Grace | 'pending' | undefined {
  if (!strategy.gracePeriodSeconds) return undefined
  const requested =
    gracePeriodSeconds !== undefined && gracePeriodSeconds < 0 ? 1 : gracePeriodSeconds
  const { deletionTimestamp, deletionGracePeriodSeconds: pending } = current.metadata
  if (deletionTimestamp === undefined) {
    const seconds = strategy.gracePeriodSeconds(current, requested)
    return seconds === undefined ? undefined : { seconds: seconds < 0 ? 1 : seconds }
  }
  if (!pending) return undefined
  if (requested === undefined || requested >= pending) return 'pending'
  const endMs = parseTime(deletionTimestamp) + spanMs(requested) - spanMs(pending)
  return { seconds: requested, deletionTimestamp: formatTime(endMs) }
}

const NANOS = 1_000_000_000n
const SPAN_SECONDS_MAX = 9e9

/** A span of time in Go has 64 bits of nanoseconds, 292 years, and begins anew beyond. */
const spanMs = (seconds: number): number =>
  seconds < SPAN_SECONDS_MAX
    ? seconds * 1000
    : Number(BigInt.asIntN(64, BigInt(seconds) * NANOS) / 1_000_000n)

/** The object as it is stored while it terminates. The first mark moves the generation, once. */
function terminating(
  current: KubeObject,
  finalizers: readonly string[],
  grace: Grace | undefined,
  { clock }: WriteContext,
): KubeObject {
  const metadata = { ...current.metadata }
  if (metadata.deletionTimestamp === undefined) {
    if ((metadata.generation ?? 0) > 0) metadata.generation = Number(metadata.generation) + 1
    metadata.deletionTimestamp = formatTime(clock.now() + spanMs(grace?.seconds ?? 0))
  } else if (grace?.deletionTimestamp) metadata.deletionTimestamp = grace.deletionTimestamp
  metadata.deletionGracePeriodSeconds = grace?.seconds ?? 0
  if (finalizers.length > 0) metadata.finalizers = [...finalizers]
  else delete metadata.finalizers
  return { ...current, metadata }
}

interface Retry {
  readonly current: StoredObject | undefined
}

async function carryOut(
  services: RegistryServices,
  resource: Resource,
  stored: StoredObject,
  plan: Plan,
  context: WriteContext,
): Promise<Deleted | Retry> {
  const current = toServed(resource, stored.object)
  if (plan.action === 'none') return { isGone: false, object: current }
  const { storage, definition, strategy } = resource
  if (context.dryRun) return { isGone: plan.action === 'remove', object: plan.draft ?? current }
  let last = stored
  if (plan.action === 'mark' && isEqual(plan.draft, current))
    return { isGone: false, object: current }
  if (plan.draft) {
    const result = await storage.update(stored, toStored(resource, plan.draft))
    if (result.outcome === 'conflict') return { current: result.current }
    last = result.stored
    services.causes.record(context, 'delete', definition, stored.key, last, stored)
    if (plan.action === 'mark') return { isGone: false, object: toServed(resource, last.object) }
  }
  const result = await storage.delete(last)
  if (result.outcome === 'conflict') return { current: result.current }
  services.causes.record(context, 'delete', definition, stored.key, result.stored, last)
  await strategy.afterDelete?.(current, context)
  return { isGone: true, object: toServed(resource, result.stored.object) }
}
