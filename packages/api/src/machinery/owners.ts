import { apiVersionOf } from '../schema/group-version.js'
import type { GroupVersionKind } from '../schema/resource-definition.js'
import type { KubeObject, OwnerReference } from './objects.js'

type Owned = Pick<KubeObject, 'metadata'>

/** The one owner that manages the object, if it has one. */
export function controllerOf(object: Owned): OwnerReference | undefined {
  return object.metadata.ownerReferences?.find((reference) => reference.controller)
}

/** Whether `owner`, this very incarnation of it, manages `object`. */
export function isControlledBy(object: Owned, owner: Owned): boolean {
  const reference = controllerOf(object)
  return reference !== undefined && reference.uid === owner.metadata.uid
}

/** A reference with which `owner` becomes the controller and waits for its dependents. */
export function ownerReferenceFor(
  owner: Owned,
  kind: GroupVersionKind,
): OwnerReference & { controller: true; blockOwnerDeletion: true } {
  return {
    apiVersion: apiVersionOf(kind),
    kind: kind.kind,
    name: owner.metadata.name ?? '',
    uid: owner.metadata.uid ?? '',
    controller: true,
    blockOwnerDeletion: true,
  }
}
