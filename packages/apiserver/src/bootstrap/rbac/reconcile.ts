import type { ClusterRole, KubeObject, RoleBinding, Subject } from '@miniplane/api'
import { deepCopy, formatTime, gvkOf, isEqual, uuid } from '@miniplane/api'
import { missingRights } from '../../authz/rbac/rules.js'
import type { Services } from '../../handlers/scope.js'
import { updateObject } from '../../registry/generic/update.js'
import type { Resource } from '../../registry/resource.js'
import type { StoredObject } from '../../storage/stored-object.js'
import { ownWrite, serverContext } from '../own-write.js'
import { managedByServer } from './managed.js'
import { AUTOUPDATE } from './notation.js'

/**
 * Creates the roles and bindings that are not there, and adds to the others what they lack; what
 * somebody else added stays. One that says `autoupdate: "false"` is left alone. All at once: a store
 * that syncs its disk does so once for many of them.
 */
export async function reconcilePolicy(
  services: Services,
  objects: readonly KubeObject[],
): Promise<void> {
  const now = formatTime(services.clock.now())
  await Promise.all(objects.map((object) => reconcileOne(services, object, now)))
  await untilKnown(services, objects)
}

/** Rights are decided from the caches, which hear late of what a store behind a network has taken. */
async function untilKnown(services: Services, objects: readonly KubeObject[]): Promise<void> {
  const kinds = new Set(objects.map(({ apiVersion = '', kind = '' }) => gvkOf(apiVersion, kind)))
  const definitions = new Set([...kinds].flatMap((kind) => services.catalog.byKind(kind) ?? []))
  for (const definition of definitions) {
    const { storage } = await services.resources.ready(definition)
    await storage.currentRevision()
  }
}

async function reconcileOne(services: Services, wanted: KubeObject, now: string): Promise<void> {
  const definition = services.catalog.byKind(gvkOf(wanted.apiVersion ?? '', wanted.kind ?? ''))
  if (!definition) return
  const resource = await services.resources.ready(definition)
  const { namespace, name = '' } = wanted.metadata
  const stored =
    (await resource.storage.get(namespace, name)) ??
    (await createOrFind(resource, wanted, now, uuid(services.random)))
  if (!stored || stored.object.metadata.annotations?.[AUTOUPDATE] === 'false') return
  if (isEqual(reconciled(stored.object, wanted), stored.object)) return
  const request = {
    name,
    verb: 'update',
    mayCreate: false,
    produce: (current: KubeObject | undefined) => reconciled(current as KubeObject, wanted),
  } as const
  const context = ownWrite(services, resource, wanted, serverContext())
  await updateObject(services, resource, request, context)
}

/**
 * Stores the object as it stands, which is the form that admission, defaults and validation would
 * leave it in: a hundred of them are part of every start. Returns what another server was faster
 * with.
 */
async function createOrFind(
  { storage }: Resource,
  { kind = '', apiVersion = '', metadata, ...rest }: KubeObject,
  now: string,
  uid: string,
): Promise<StoredObject | undefined> {
  const { name = '', namespace, labels, annotations } = metadata
  const result = await storage.create(namespace, name, {
    kind,
    apiVersion,
    metadata: {
      name,
      ...(namespace !== undefined && { namespace }),
      uid,
      creationTimestamp: now,
      ...(labels && { labels }),
      ...(annotations && { annotations }),
      managedFields: managedByServer({ kind, apiVersion, metadata, ...rest }, now),
    },
    ...rest,
  })
  return result.outcome === 'conflict' ? result.current : undefined
}

/** What is there with what it lacks. */
function reconciled(stored: KubeObject, wanted: KubeObject): KubeObject {
  const draft = deepCopy(stored)
  const { metadata } = draft
  metadata.labels = { ...metadata.labels, ...wanted.metadata.labels }
  metadata.annotations = { ...metadata.annotations, ...wanted.metadata.annotations }
  if (wanted.kind?.endsWith('Binding')) addSubjects(draft as RoleBinding, wanted as RoleBinding)
  else addRules(draft as ClusterRole, wanted as ClusterRole)
  return draft
}

/** The rules of an aggregating role are somebody else's. */
function addRules(draft: ClusterRole, wanted: ClusterRole): void {
  if (wanted.aggregationRule) {
    draft.aggregationRule ??= deepCopy(wanted.aggregationRule)
    return
  }
  const missing = missingRights(draft.rules ?? [], wanted.rules ?? [])
  if (missing.length === 0) return
  draft.rules = [...(draft.rules ?? []), ...(missing as NonNullable<ClusterRole['rules']>)]
}

/** Which role a binding gives cannot be changed; a binding of another role is its owner's. */
function addSubjects(draft: RoleBinding, wanted: RoleBinding): void {
  if (!isEqual(draft.roleRef, wanted.roleRef)) return
  const held = draft.subjects ?? []
  const missing = (wanted.subjects ?? []).filter((one) => !held.some((other) => same(one, other)))
  if (missing.length > 0) draft.subjects = [...held, ...missing]
}

const same = (a: Subject, b: Subject): boolean =>
  a.kind === b.kind && a.name === b.name && (a.namespace ?? '') === (b.namespace ?? '')
