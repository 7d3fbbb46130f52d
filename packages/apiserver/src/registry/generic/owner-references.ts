import { isEqual, type KubeObject, type OwnerReference } from '@miniplane/api'
import type { WriteContext } from '../write-context.js'

/** Drops owner references that stand twice, and warns: a later server may refuse them. */
export function dropDuplicateOwners(
  { metadata }: KubeObject,
  { warn }: WriteContext,
  when: 'as sent' | 'after admission',
): void {
  const { ownerReferences = [] } = metadata
  if (ownerReferences.length < 2) return
  const kept: OwnerReference[] = []
  const duplicates: string[] = []
  for (const reference of ownerReferences) {
    if (kept.some((one) => isEqual(one, reference))) duplicates.push(reference.uid)
    else kept.push(reference)
  }
  if (duplicates.length === 0) return
  metadata.ownerReferences = kept
  const moment = when === 'as sent' ? '' : ' after mutating admission happens'
  warn(
    `.metadata.ownerReferences contains duplicate entries${moment}; API server dedups owner references in 1.20+, and may reject such requests as early as 1.24; please fix your requests; duplicate UID(s) observed: ${duplicates.join(', ')}`,
  )
}
