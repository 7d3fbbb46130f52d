import type { Disk } from '../disk/disk.js'
import { type Log, silentLog } from '../log.js'
import { type Entry, type HardState, NOBODY } from '../raft/types.js'
import { parseSegmentFileName, segmentFileName } from './format.js'
import { RecordWriter } from './record-writer.js'
import { Replay } from './replay.js'
import { SegmentReader } from './segment-reader.js'
import { type Segment, SegmentedWal, type WalPosition } from './segmented-wal.js'
import { SpareSegments } from './spare-segments.js'
import type { Wal, WalContents, WalMetadata, WalSnapshot } from './types.js'
import { WalError } from './wal-error.js'

export interface WalOptions {
  /** At least; a save that is larger makes its segment larger. Default 64 MiB, as etcd's. */
  readonly segmentBytes?: number | undefined
  readonly log?: Log | undefined
}

export interface CreateWalOptions extends WalOptions {
  /** What the log holds from the moment on at which it exists. */
  readonly initial?: WalBeginning | undefined
}

export interface WalBeginning {
  /** The log goes on from it; its file is stored already. */
  readonly snapshot?: WalSnapshot | undefined
  readonly hardState?: HardState | undefined
  readonly entries?: readonly Entry[] | undefined
}

export interface OpenWalOptions extends WalOptions {
  /** The snapshot with which the member begins; all zero: none. */
  readonly at: WalSnapshot
  /** Whose log it must be. Default: anybody's. */
  readonly expected?: WalMetadata | undefined
}

const SEGMENT_BYTES = 64 * 1024 * 1024

/** Of a new log's first segment: a member is ready sooner, and many never fill it. */
const FIRST_SEGMENT_BYTES = 8 * 1024 * 1024

const NO_HARD_STATE: HardState = { term: 0, vote: NOBODY, commit: 0 }

/** Whether there is a log in the folder. One whose creation was interrupted doesn't count. */
export async function walExists(disk: Disk, folder: string): Promise<boolean> {
  return (await segmentsIn(disk, folder)).length > 0
}

/** A new log; it exists once this resolves, with all of `initial`. Error `exists`. */
export async function createWal(
  disk: Disk,
  folder: string,
  metadata: WalMetadata,
  options: CreateWalOptions = {},
): Promise<Wal> {
  await disk.makeFolder(folder)
  if (await walExists(disk, folder)) {
    throw new WalError('exists', `${folder} has a log already; open it, or remove the member first`)
  }
  const { segmentBytes = SEGMENT_BYTES, initial = {} } = options
  const spares = new SpareSegments(disk, folder, segmentBytes)
  await spares.removeLeftovers()
  const path = `${folder}/${segmentFileName({ number: 0, firstIndex: 0 })}`
  const { writer, lastIndex } = encodeBeginning(metadata, initial)
  const spare = await spares.takeSmall(FIRST_SEGMENT_BYTES)
  await spare.writeSync(0, [writer.bytes])
  await disk.rename(spare.path, path)
  await disk.syncFolder(folder)
  await spare.close()
  const file = await disk.open(path)
  return new SegmentedWal(
    { disk, folder, metadata, segmentBytes, spares },
    {
      segments: [{ number: 0, firstIndex: 0, path }],
      file,
      fileBytes: await file.size(),
      end: writer.length,
      chain: writer.chain,
      hardState: initial.hardState ?? NO_HARD_STATE,
      lastIndex,
    },
  )
}

function encodeBeginning(metadata: WalMetadata, beginning: WalBeginning) {
  const { snapshot, hardState, entries = [] } = beginning
  const writer = new RecordWriter(0, { previous: 0, seed: 0 })
  writer.addSegmentHead(0, metadata)
  if (snapshot !== undefined) writer.addSnapshot(snapshot)
  for (const entry of entries) writer.addEntry(entry)
  if (hardState !== undefined) writer.addHardState(hardState)
  return { writer, lastIndex: entries.at(-1)?.index ?? snapshot?.index ?? 0 }
}

/**
 * Opens a log for writing and answers what it holds after the snapshot `at`. What a crash left of
 * an unacknowledged write at its end is repaired; any other damage is a `WalError`, and then
 * nothing was changed.
 */
export async function openWal(
  disk: Disk,
  folder: string,
  options: OpenWalOptions,
): Promise<{ wal: Wal; contents: WalContents }> {
  const { at, segmentBytes = SEGMENT_BYTES, log = silentLog } = options
  const segments = await segmentsIn(disk, folder)
  const needed = segmentsFrom(folder, segments, at)
  const replay = new Replay(at, options.expected)
  const last = await readSegments(disk, needed, replay)
  const tornTo = last.checkTail()
  const contents = replay.finish()
  const spares = new SpareSegments(disk, folder, segmentBytes)
  await spares.removeLeftovers()
  const file = await disk.open(last.path)
  const position: WalPosition = {
    segments,
    file,
    fileBytes: await file.size(),
    end: last.end,
    chain: last.chain,
    hardState: contents.hardState,
    lastIndex: contents.entries.at(-1)?.index ?? at.index,
  }
  if (tornTo > last.end) {
    log.warn('repaired the end of the write-ahead log', { path: last.path, offset: last.end })
    await file.write(last.end, [new Uint8Array(tornTo - last.end)])
  }
  // The process may have died between a write and its sync; its successor relies on what it read.
  await file.sync()
  const { metadata } = contents
  const wal = new SegmentedWal({ disk, folder, metadata, segmentBytes, spares }, position)
  if (!replay.isMarked) await wal.saveSnapshot(at)
  return { wal, contents }
}

async function segmentsIn(disk: Disk, folder: string): Promise<Segment[]> {
  const names = await disk.list(folder)
  return names.flatMap((file) => {
    const name = parseSegmentFileName(file)
    return name === undefined ? [] : [{ ...name, path: `${folder}/${file}` }]
  })
}

/** Those that have what comes after the snapshot; error if some of them are missing. */
function segmentsFrom(
  folder: string,
  segments: readonly Segment[],
  at: WalSnapshot,
): readonly Segment[] {
  const start = segments.findLastIndex(({ firstIndex }) => firstIndex <= at.index)
  const [first] = segments
  if (first === undefined) throw new WalError('notFound', `${folder} has no log`)
  if (start < 0) {
    throw new WalError(
      'snapshotMissing',
      `the log in ${folder} begins at index ${first.firstIndex}, and the newest good snapshot ` +
        `is at ${at.index}; nothing was changed; remove this member and add it anew`,
    )
  }
  const needed = segments.slice(start)
  needed.forEach(({ path, number }, i) => {
    const expected = (needed[0]?.number ?? 0) + i
    if (number === expected) return
    throw new WalError(
      'corrupt',
      `segment ${expected} before ${path} is missing; nothing was changed; ` +
        'restore this member from a snapshot or add it anew',
    )
  })
  return needed
}

/** Reads them in their order, and answers the last one. */
async function readSegments(
  disk: Disk,
  segments: readonly Segment[],
  replay: Replay,
): Promise<SegmentReader> {
  let before: SegmentReader | undefined
  for (const { path, number } of segments) {
    const reader = new SegmentReader(path, number, await readWhole(disk, path))
    replay.beginSegment(path)
    const previous = reader.readHead(replay)
    if (before !== undefined && before.chain.previous !== previous) throw before.damage()
    reader.readRecords(replay)
    before = reader
  }
  if (before === undefined) throw new WalError('notFound', 'the log has no segment')
  return before
}

async function readWhole(disk: Disk, path: string): Promise<Uint8Array> {
  const file = await disk.open(path, { readOnly: true })
  try {
    return await file.read(0, await file.size())
  } finally {
    await file.close()
  }
}
