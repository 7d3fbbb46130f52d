import { controllerOf, type GroupVersionKind, isEqual, type KubeObject } from '@miniplane/api'
import { keyOf } from '@miniplane/client'
import type { Change } from '../manager/controller.js'
import { ownerKeyOf } from './claim.js'

/**
 * The owners that a change of a dependent concerns: its controller, the one it had before, and,
 * while it has none, every owner that could adopt it.
 */
export function ownersConcerned<T extends KubeObject>(
  change: Change<T>,
  kind: GroupVersionKind,
  adopters: (orphan: T) => Iterable<KubeObject>,
): Set<string> {
  const { type, object, old } = change
  const keys = new Set<string>()
  const owner = ownerKeyOf(object, kind)
  if (owner !== undefined) keys.add(owner)
  const earlier = old && ownerKeyOf(old, kind)
  if (earlier !== undefined) keys.add(earlier)
  if (type === 'deleted' || controllerOf(object) !== undefined) return keys
  if (old === undefined || mayConcernOthers(old, object)) {
    for (const adopter of adopters(object)) keys.add(keyOf(adopter))
  }
  return keys
}

const mayConcernOthers = (old: KubeObject, object: KubeObject): boolean =>
  controllerOf(old) !== undefined || !isEqual(old.metadata.labels, object.metadata.labels)
