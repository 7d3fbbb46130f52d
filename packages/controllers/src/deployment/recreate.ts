import { isPodTerminal, type ReplicaSet } from '@miniplane/api'
import { controlledBy } from '../ownership/indexes.js'
import { syncNewSet } from './new-set.js'
import type { Session } from './session.js'
import { sizeOf, wantedReplicas } from './sizes.js'

/**
 * First everything old down to 0, then, when the last old Pod is really gone, everything new.
 * Never both at the same time: that is what the strategy is for.
 */
export async function recreate(session: Session): Promise<void> {
  await syncNewSet(session, false)
  const active = session.old.filter((set) => sizeOf(set) > 0)
  for (const set of active) await session.scale(set, 0)
  if (active.length > 0 || session.old.some((set) => hasPods(session, set))) return
  if (session.newSet === undefined) await syncNewSet(session, true)
  if (session.newSet) await session.scale(session.newSet, wantedReplicas(session.deployment))
}

/** Pods that are on their way out still run. */
const hasPods = ({ pods }: Session, { metadata, status }: ReplicaSet): boolean =>
  status.replicas > 0 || controlledBy(pods, metadata.uid ?? '').some((pod) => !isPodTerminal(pod))
