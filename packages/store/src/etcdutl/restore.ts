import { readdir } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { readState } from '../backend/read-state.js'
import type { LoadedState, StateView } from '../backend/state.js'
import { writeState } from '../backend/write-state.js'
import { eventLoopTurn } from '../clock.js'
import { openNodeDisk } from '../disk/node-disk.js'
import type { Log } from '../log.js'
import { type BootstrappedCluster, bootstrapCluster } from '../membership/bootstrap.js'
import { formatId } from '../membership/ids.js'
import { checkUrls, parseInitialCluster } from '../membership/urls.js'
import { SnapshotStore } from '../snapshot/snapshot-store.js'
import { createWal } from '../wal/wal.js'
import { CommandError } from './command.js'
import { checkIntegrity, readSnapshotFile } from './snapshot-file.js'

export interface RestoreOptions {
  readonly snapshotPath: string
  readonly name: string
  /** Must be empty, or not there. */
  readonly dataDir: string
  /** Undefined: within `dataDir`. */
  readonly walDir: string | undefined
  /** As `--initial-cluster`. */
  readonly initialCluster: string
  readonly token: string
  readonly peerUrls: readonly string[]
  readonly skipHashCheck: boolean
  readonly revisionBump: number
  readonly log: Log
}

const SNAPSHOT_FOLDER = 'member/snap'
const WAL_FOLDER = 'member/wal'

/** The term of the log with which a cluster begins. */
const FIRST_TERM = 1

/**
 * Makes a data directory that has the snapshot's keys, leases and users and belongs to a new
 * cluster. Run with the same snapshot and the same members for each of them; they then begin with
 * the same state and need nothing from each other.
 */
export async function restoreSnapshot(options: RestoreOptions): Promise<void> {
  const { snapshotPath: path, dataDir, walDir, log } = options
  const cluster = await clusterOf(options)
  await assertEmpty(dataDir, walDir)
  const folders = {
    path,
    'wal-dir': walDir ?? join(dataDir, WAL_FOLDER),
    'data-dir': dataDir,
    'snap-dir': join(dataDir, SNAPSHOT_FOLDER),
  }
  log.info('restoring snapshot', folders)
  const file = await readSnapshotFile(path, log)
  checkIntegrity(file, options.skipHashCheck)
  const { revisionBump } = options
  const state = await readState(file, eventLoopTurn, { revisionBump })
  log.info('read snapshot', { revision: state.mvcc.revision, records: state.mvcc.recordCount })
  await writeMember(stateIn(cluster, state), cluster, options)
  for (const { id, peerUrls } of cluster.members) {
    log.info('added member', {
      'cluster-id': formatId(cluster.clusterId),
      'added-peer-id': formatId(id),
      'added-peer-peer-urls': peerUrls,
    })
  }
  log.info('restored snapshot', folders)
}

async function clusterOf(options: RestoreOptions): Promise<BootstrappedCluster> {
  try {
    return await bootstrapCluster({
      initialCluster: parseInitialCluster(options.initialCluster),
      state: 'new',
      token: options.token,
      ourName: options.name,
      ourPeerUrls: checkUrls(options.peerUrls),
      fetchMembers: async () => undefined,
    })
  } catch (cause) {
    throw new CommandError(cause instanceof Error ? cause.message : String(cause), undefined, {
      cause,
    })
  }
}

async function assertEmpty(dataDir: string, walDir: string | undefined): Promise<void> {
  const names = await namesIn(dataDir)
  if (names === undefined || names.length > 0) {
    throw new CommandError(`data-dir ${JSON.stringify(dataDir)} not empty or could not be read`)
  }
  if (walDir !== undefined && (await namesIn(walDir))?.length !== 0) {
    throw new CommandError(`wal-dir ${JSON.stringify(walDir)} exists`)
  }
}

/** Undefined: can't be read. */
async function namesIn(folder: string): Promise<readonly string[] | undefined> {
  try {
    return await readdir(folder)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT' ? [] : undefined
  }
}

/** The state as of the entries with which every member of the new cluster begins. */
function stateIn({ members }: BootstrappedCluster, state: LoadedState): StateView {
  return {
    ...state,
    members,
    removedMemberIds: [],
    appliedIndex: members.length,
    appliedTerm: FIRST_TERM,
    confState: {
      voters: members.map(({ id }) => id),
      learners: [],
      votersOutgoing: [],
      learnersNext: [],
      autoLeave: false,
    },
  }
}

/** The log comes last: only with it is there a member. */
async function writeMember(
  state: StateView,
  { memberId, clusterId, members }: BootstrappedCluster,
  { dataDir, walDir, log }: RestoreOptions,
): Promise<void> {
  const disk = openNodeDisk(dataDir)
  await disk.makeFolder(SNAPSHOT_FOLDER)
  const { appliedIndex: index, appliedTerm: term } = state
  const { chunks, sizeBytes } = await writeState(state)
  log.info('writing the state', { size: sizeBytes })
  await new SnapshotStore(disk, SNAPSHOT_FOLDER, { log }).save({ index, term }, chunks)
  const vote = members[0]?.id ?? memberId
  const initial = { snapshot: { index, term }, hardState: { term, vote, commit: index } }
  const [walDisk, walFolder] =
    walDir === undefined
      ? [disk, WAL_FOLDER]
      : [openNodeDisk(dirname(resolve(walDir))), basename(walDir)]
  const wal = await createWal(walDisk, walFolder, { nodeId: memberId, clusterId }, { initial })
  await wal.close()
}
