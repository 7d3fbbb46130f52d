import { readState } from '../backend/read-state.js'
import type { LoadedState } from '../backend/state.js'
import type { YieldTurn } from '../clock.js'
import type { Disk } from '../disk/disk.js'
import type { Log } from '../log.js'
import { bootstrapEntries } from '../membership/bootstrap.js'
import type { ConfState, Entry, HardState, NodeId, SnapshotMetadata } from '../raft/types.js'
import { SnapshotStore } from '../snapshot/snapshot-store.js'
import { memoryWal } from '../wal/memory-wal.js'
import type { Wal } from '../wal/types.js'
import { createWal, openWal, type WalOptions, walExists } from '../wal/wal.js'
import type { Bootstrap } from './member-options.js'

/** What a member starts from: found on its disk, or made for a new one. */
export interface Opening {
  readonly memberId: NodeId
  readonly clusterId: bigint
  readonly wal: Wal
  readonly snapshots: SnapshotStore | undefined
  /** Undefined: nothing is applied yet. */
  readonly state: LoadedState | undefined
  readonly stateBytes: number
  readonly snapshot: SnapshotMetadata
  readonly hardState: HardState
  readonly entries: readonly Entry[]
  /** Who is known to belong to the cluster, for a member that joins one. */
  readonly knownMembers: Bootstrap['members']
  /** Lets another process open the disk. */
  release(): Promise<void>
}

const LOCK = 'member/lock'
const WAL_FOLDER = 'member/wal'
const SNAPSHOT_FOLDER = 'member/snap'

export interface OpenOptions {
  readonly disk: Disk | undefined
  readonly bootstrap: () => Promise<Bootstrap>
  readonly yieldTurn: YieldTurn
  readonly wal: WalOptions
  readonly log: Log
}

/** Reads what the disk has, or makes a log as `bootstrap` says. */
export async function open({ disk, ...how }: OpenOptions): Promise<Opening> {
  const { bootstrap } = how
  if (disk === undefined) {
    return { ...begin(await bootstrap(), memoryWal, undefined), release: async () => undefined }
  }
  await disk.makeFolder('member')
  const lock = await disk.lock(LOCK)
  try {
    const opening = await openLocked(disk, how)
    return { ...opening, release: () => lock.release() }
  } catch (error) {
    await lock.release()
    throw error
  }
}

type LockedOpening = Omit<Opening, 'release'>

async function openLocked(disk: Disk, how: Omit<OpenOptions, 'disk'>): Promise<LockedOpening> {
  const { bootstrap, log } = how
  await disk.makeFolder(WAL_FOLDER)
  await disk.makeFolder(SNAPSHOT_FOLDER)
  const snapshots = new SnapshotStore(disk, SNAPSHOT_FOLDER, { log })
  if (await walExists(disk, WAL_FOLDER)) return reopen(disk, snapshots, how)
  const plan = await bootstrap()
  const { memberId: nodeId, clusterId } = plan
  const { hardState, entries } = begin(plan, memoryWal, snapshots)
  const initial = { hardState, entries }
  const wal = await createWal(disk, WAL_FOLDER, { nodeId, clusterId }, { ...how.wal, initial, log })
  return begin(plan, wal, snapshots)
}

/** The first entries of a new cluster say who belongs to it; every member begins with the same. */
function begin(plan: Bootstrap, wal: Wal, snapshots: SnapshotStore | undefined): LockedOpening {
  const { memberId, clusterId, members, isNewCluster } = plan
  const entries = bootstrapEntries(isNewCluster ? members : []).map(
    (entry, i): Entry => ({ ...entry, term: 1, index: i + 1 }),
  )
  const begun = entries.length > 0
  return {
    memberId,
    clusterId,
    wal,
    snapshots,
    state: undefined,
    stateBytes: 0,
    snapshot: { index: 0, term: 0, confState: NO_CONFIGURATION },
    hardState: { term: begun ? 1 : 0, vote: 0n, commit: entries.length },
    entries,
    knownMembers: members,
  }
}

/** Nobody belongs to it yet. */
export const NO_CONFIGURATION: ConfState = {
  voters: [],
  learners: [],
  votersOutgoing: [],
  learnersNext: [],
  autoLeave: false,
}

async function reopen(
  disk: Disk,
  snapshots: SnapshotStore,
  { yieldTurn, wal: walOptions, log }: Omit<OpenOptions, 'disk'>,
): Promise<LockedOpening> {
  const found = await snapshots.openNewest()
  const at = { index: found?.index ?? 0, term: found?.term ?? 0 }
  const { wal, contents } = await openWal(disk, WAL_FOLDER, { ...walOptions, at, log })
  const { metadata, hardState, entries } = contents
  const state = found === undefined ? undefined : await readState(found.bytes, yieldTurn)
  return {
    memberId: metadata.nodeId,
    clusterId: metadata.clusterId,
    wal,
    snapshots,
    state,
    stateBytes: found?.bytes.length ?? 0,
    snapshot: { ...at, confState: state?.confState ?? NO_CONFIGURATION },
    // The log's own idea of what is committed may lag behind the snapshot.
    hardState: { ...hardState, commit: Math.max(hardState.commit, at.index) },
    entries,
    knownMembers: [],
  }
}
