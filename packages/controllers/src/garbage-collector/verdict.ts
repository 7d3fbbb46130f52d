import type { KubeObject, ObjectMeta, OwnerReference } from '@miniplane/api'
import { FOREGROUND, ORPHAN } from './graph.js'

/** How things stand with each owner of one object. */
export interface OwnersState {
  readonly solid: readonly OwnerReference[]
  /** Gone, or another object by now. */
  readonly dangling: readonly OwnerReference[]
  /** Going, as soon as this object is gone. */
  readonly waiting: readonly OwnerReference[]
}

export type Propagation = 'Background' | 'Foreground' | 'Orphan'

export type Verdict =
  | { readonly action: 'keep' }
  /** Still owned, but no longer by all who are named. */
  | { readonly action: 'dropOwners'; readonly uids: ReadonlySet<string> }
  /** `unblock`: a circle of owners that wait for each other has to be cut first. */
  | { readonly action: 'delete'; readonly propagation: Propagation; readonly unblock: boolean }

/** What becomes of an object, given its owners. It lives as long as one of them does. */
export function judge(
  { metadata }: KubeObject,
  owners: OwnersState,
  dependents: { readonly any: boolean; readonly anyDeletingItsOwn: boolean },
): Verdict {
  const { solid, dangling, waiting } = owners
  if (solid.length + dangling.length + waiting.length === 0) return { action: 'keep' }
  if (solid.length > 0) {
    if (dangling.length === 0 && waiting.length === 0) return { action: 'keep' }
    return { action: 'dropOwners', uids: new Set([...dangling, ...waiting].map(({ uid }) => uid)) }
  }
  if (waiting.length > 0 && dependents.any) {
    const unblock = dependents.anyDeletingItsOwn
    return { action: 'delete', propagation: 'Foreground', unblock }
  }
  return { action: 'delete', propagation: asFinalizersSay(metadata), unblock: false }
}

/** A wish that somebody has put on the object already stays. */
function asFinalizersSay({ finalizers = [] }: ObjectMeta): Propagation {
  if (finalizers.includes(ORPHAN)) return 'Orphan'
  return finalizers.includes(FOREGROUND) ? 'Foreground' : 'Background'
}
