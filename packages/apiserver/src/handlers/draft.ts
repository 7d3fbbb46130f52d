import { conflict, type KubeObject } from '@miniplane/api'
import { parentManagers, scaleManagers } from '../field-managers/scale-managers.js'
import type { SubresourceStrategy } from '../registry/strategy.js'
import type { WriteContext } from '../registry/write-context.js'
import { expectedKind } from './expected-kind.js'
import type { Scope, Services } from './scope.js'

/**
 * The new form of a stored object with its managed fields: `sent`, which is taken over, or what
 * becomes of the object when `sent` is written through a view of it.
 */
export function draftFrom(
  sent: KubeObject,
  stored: KubeObject | undefined,
  scope: Scope,
  subresource: SubresourceStrategy | undefined,
  context: WriteContext,
  services: Services,
): KubeObject {
  const { fieldManagers } = services
  const { definition, resource } = scope
  if (subresource?.inject && stored) {
    const shown = shownBy(subresource, stored, services)
    const view = expectedKind(scope)
    fieldManagers.ofView(view, context.subresource).update(shown, sent, context.manager)
    return throughView(sent, stored, subresource, context, services)
  }
  resource.strategy.setDefaults?.(sent)
  fieldManagers.of(definition, context.subresource).update(stored, sent, context.manager)
  return sent
}

/** A stored object as a patch of the subresource finds it. */
export function shownBy(
  subresource: SubresourceStrategy | undefined,
  stored: KubeObject,
  { fieldManagers }: Services,
): KubeObject {
  if (!subresource?.project) return stored
  const shown = subresource.project(stored)
  const managedFields = scaleManagers(stored, fieldManagers.shapes)
  return managedFields ? { ...shown, metadata: { ...shown.metadata, managedFields } } : shown
}

/** What becomes of the object when `sent`, managed fields included, is written through a view. */
export function throughView(
  sent: KubeObject,
  stored: KubeObject,
  subresource: SubresourceStrategy,
  context: WriteContext,
  { fieldManagers }: Services,
): KubeObject {
  checkUid(sent, stored, context)
  const draft = subresource.inject?.(stored, sent, context) ?? sent
  const managedFields = parentManagers(stored, sent.metadata.managedFields, fieldManagers.shapes)
  if (managedFields) draft.metadata.managedFields = managedFields
  else delete draft.metadata.managedFields
  return draft
}

/** A view that names an object means that one. */
function checkUid(
  { metadata: { uid } }: KubeObject,
  { metadata }: KubeObject,
  { requestContext: { info }, subresource }: WriteContext,
): void {
  if (uid === undefined || uid === metadata.uid) return
  throw conflict(
    { group: info.group, resource: `${info.resource}/${subresource}` },
    info.name,
    `Precondition failed: UID in precondition: ${uid}, UID in object meta: ${metadata.uid}`,
  )
}
