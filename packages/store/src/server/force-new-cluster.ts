import { eventLoopTurn } from '../clock.js'
import type { Disk } from '../disk/disk.js'
import type { Log } from '../log.js'
import { decodeConfChange, encodeConfChange } from '../membership/conf-change.js'
import { formatId } from '../membership/ids.js'
import type { MemberChange } from '../membership/membership.js'
import { NO_CONFIGURATION, type Opening, open } from '../node/opening.js'
import type { Entry } from '../raft/types.js'

/**
 * Makes the member whose disk this is the only one of its cluster: all that is in its log stays, and
 * then come the removals of all others, as if everything had been agreed upon. (etcd lets go of what
 * the log doesn't know to be committed; but it may know that later than clients do.) For a cluster
 * that has lost its quorum for good. Does nothing when there is no log yet.
 */
export async function forceNewCluster(disk: Disk, log: Log): Promise<void> {
  if ((await disk.list('member/wal')).length === 0) return
  const opening = await open({
    disk,
    bootstrap: neverAsked,
    yieldTurn: eventLoopTurn,
    wal: {},
    log,
  })
  try {
    const { hardState, memberId } = opening
    const lastIndex = opening.snapshot.index + opening.entries.length
    const others = membersOf(opening).filter((id) => id !== memberId)
    const entries = others.map((id, i): Entry => {
      const removal = encodeConfChange(0n, [{ kind: 'remove', id }])
      return { ...removal, term: hardState.term, index: lastIndex + 1 + i }
    })
    log.warn('forcing a new cluster of this member alone', {
      'local-member-id': formatId(memberId),
      'removed-member-ids': others.map(formatId),
    })
    const commit = lastIndex + entries.length
    await opening.wal.save({ ...hardState, commit }, entries, true)
  } finally {
    await opening.wal.close()
    await opening.release()
  }
}

/** Who belongs to the cluster after all that is in the log. */
function membersOf({ snapshot, entries }: Opening): bigint[] {
  const { voters, learners, votersOutgoing } = snapshot.confState ?? NO_CONFIGURATION
  const ids = new Set([...voters, ...learners, ...votersOutgoing])
  for (const entry of entries) {
    if (entry.type === 'EntryNormal') continue
    for (const change of decodeConfChange(entry).memberChanges) note(ids, change)
  }
  return [...ids]
}

function note(ids: Set<bigint>, change: MemberChange): void {
  if (change.kind === 'add') ids.add(change.member.id)
  if (change.kind === 'remove') ids.delete(change.id)
}

const neverAsked = (): never => {
  throw new Error('there is a log: nobody has to begin one')
}
