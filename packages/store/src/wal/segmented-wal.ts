import type { Disk, DiskFile } from '../disk/disk.js'
import type { Entry, HardState, SnapshotMetadata } from '../raft/types.js'
import { HARD_STATE_BYTES, PAIR_BYTES, recordBytes, segmentFileName } from './format.js'
import { type ChainState, RecordWriter } from './record-writer.js'
import type { SpareSegments } from './spare-segments.js'
import type { Wal, WalMetadata, WalSnapshot } from './types.js'
import { WalError } from './wal-error.js'

/** So much of what is waiting goes into one write; a single save may be larger. */
const WRITE_BYTES_MAX = 8 * 1024 * 1024

export interface Segment {
  readonly number: number
  readonly firstIndex: number
  readonly path: string
}

/** Where a log is to be continued. */
export interface WalPosition {
  /** All of the log's segments; the last one is written to. */
  readonly segments: readonly Segment[]
  readonly file: DiskFile
  /** Of the last segment's file. */
  readonly fileBytes: number
  /** Where in the last segment the next record goes. */
  readonly end: number
  readonly chain: ChainState
  readonly hardState: HardState
  readonly lastIndex: number
}

export interface SegmentedWalOptions {
  readonly disk: Disk
  readonly folder: string
  readonly metadata: WalMetadata
  readonly segmentBytes: number
  readonly spares: SpareSegments
}

interface Save {
  /** It may say that entries are committed which come with it: it is never written before them. */
  hardState: HardState | undefined
  readonly entries: readonly Entry[]
  readonly snapshot: WalSnapshot | undefined
  readonly mustSync: boolean
  readonly bytes: number
  readonly resolve: () => void
  readonly reject: (error: unknown) => void
}

/**
 * The log, open for writing. One write is under way at a time, and whatever is saved meanwhile goes
 * with the next: the more clients, the more of them share a sync.
 */
export class SegmentedWal implements Wal {
  readonly #options: SegmentedWalOptions
  readonly #segments: Segment[]
  readonly #writer: RecordWriter
  #file: DiskFile
  #end: number
  /** How far the segment is filled with zeros: writes within it change no metadata. */
  #capacity: number
  /** Bytes of the segment that are known to be durable. */
  #synced: number
  #lastIndex: number
  #hardState: HardState
  /** The hard state is newer than the log's: it goes with the next write. */
  #isHardStateWaiting = false
  #waiting: Save[] = []
  #writing: Promise<void> | undefined
  #failure: unknown
  #isClosed = false

  constructor(options: SegmentedWalOptions, position: WalPosition) {
    this.#options = options
    this.#segments = [...position.segments]
    this.#file = position.file
    this.#end = position.end
    this.#capacity = position.fileBytes
    this.#synced = position.end
    this.#lastIndex = position.lastIndex
    this.#hardState = position.hardState
    const last = position.segments.at(-1)?.number ?? 0
    this.#writer = new RecordWriter(last, position.chain)
  }

  save(
    hardState: HardState | undefined,
    entries: readonly Entry[],
    mustSync: boolean,
  ): Promise<void> {
    if (!this.#isWritable) return Promise.reject(this.#refusal())
    if (mustSync || entries.length > 0) {
      return this.#enqueue(hardState, entries, undefined, mustSync)
    }
    const last = this.#waiting.at(-1)
    if (hardState === undefined) return Promise.resolve()
    if (last === undefined) this.#note(hardState)
    else last.hardState = hardState
    return Promise.resolve()
  }

  #note(hardState: HardState): void {
    this.#hardState = hardState
    this.#isHardStateWaiting = true
  }

  saveSnapshot({ index, term }: SnapshotMetadata): Promise<void> {
    if (!this.#isWritable) return Promise.reject(this.#refusal())
    return this.#enqueue(undefined, [], { index, term }, true)
  }

  async release(snapshot: WalSnapshot): Promise<void> {
    if (!this.#isWritable) throw this.#refusal()
    const covered = () =>
      this.#segments.findLastIndex(({ firstIndex }) => firstIndex <= snapshot.index)
    // Asked again each time: another call may be doing the same.
    while (covered() > 0) {
      const oldest = this.#segments.shift()
      if (oldest !== undefined) await this.#options.spares.recycle(oldest.path)
    }
  }

  async close(): Promise<void> {
    if (this.#isClosed) return
    this.#isClosed = true
    while (this.#writing !== undefined) await this.#writing
    try {
      // Also tells the next opening that all before it was durable.
      if (this.#failure === undefined && this.#isHardStateWaiting) await this.#write([])
    } finally {
      await this.#options.spares.close()
      await this.#file.close()
    }
  }

  get #isWritable(): boolean {
    return this.#failure === undefined && !this.#isClosed
  }

  #refusal(): unknown {
    return this.#failure ?? new WalError('closed', `${this.#options.folder} is closed`)
  }

  #enqueue(
    hardState: HardState | undefined,
    entries: readonly Entry[],
    snapshot: WalSnapshot | undefined,
    mustSync: boolean,
  ): Promise<void> {
    let bytes = snapshot === undefined ? 0 : recordBytes(PAIR_BYTES)
    for (const { data } of entries) bytes += recordBytes(PAIR_BYTES + data.length)
    return new Promise((resolve, reject) => {
      this.#waiting.push({ hardState, entries, snapshot, mustSync, bytes, resolve, reject })
      this.#writing ??= this.#writeAll()
    })
  }

  /** Never rejects: whoever saved hears of a failure. */
  async #writeAll(): Promise<void> {
    while (this.#waiting.length > 0) {
      const saves = this.#takeSaves()
      for (const { hardState } of saves) if (hardState !== undefined) this.#note(hardState)
      try {
        await this.#write(saves)
        for (const { resolve } of saves) resolve()
      } catch (error) {
        this.#failure = error
        for (const { reject } of [...saves, ...this.#waiting]) reject(error)
        this.#waiting = []
      }
    }
    this.#writing = undefined
  }

  #takeSaves(): readonly Save[] {
    let bytes = 0
    const count = this.#waiting.findIndex((save, i) => {
      bytes += save.bytes
      return i > 0 && bytes > WRITE_BYTES_MAX
    })
    if (count < 0) {
      const all = this.#waiting
      this.#waiting = []
      return all
    }
    return this.#waiting.splice(0, count)
  }

  async #write(saves: readonly Save[]): Promise<void> {
    const bytes = saves.reduce((sum, save) => sum + save.bytes, recordBytes(HARD_STATE_BYTES))
    if (this.#end + bytes > this.#capacity) {
      await this.#writeToNewSegment(saves)
      return
    }
    this.#writer.begin(this.#synced)
    this.#addRecords(saves)
    if (saves.length === 0 || saves.some(({ mustSync }) => mustSync)) {
      await this.#commit(this.#file, this.#end)
    } else {
      await this.#file.write(this.#end, [this.#writer.bytes])
    }
    this.#end += this.#writer.length
    if (this.#end > this.#capacity / 2) this.#options.spares.prepare()
  }

  #addRecords(saves: readonly Save[]): void {
    const writer = this.#writer
    for (const { entries, snapshot } of saves) {
      for (const entry of entries) writer.addEntry(entry)
      this.#lastIndex = entries.at(-1)?.index ?? this.#lastIndex
      if (snapshot === undefined) continue
      writer.addSnapshot(snapshot)
      this.#lastIndex = Math.max(this.#lastIndex, snapshot.index)
    }
    if (!this.#isHardStateWaiting) return
    this.#isHardStateWaiting = false
    writer.addHardState(this.#hardState)
  }

  async #commit(file: DiskFile, position: number): Promise<void> {
    const { bytes } = this.#writer
    await file.writeSync(position, [bytes])
    this.#synced = position + bytes.length
  }

  /**
   * The segment gets its name once it has its head and its first records, durably: a segment that
   * can be seen is whole.
   */
  async #writeToNewSegment(saves: readonly Save[]): Promise<void> {
    const { disk, folder, metadata, spares, segmentBytes } = this.#options
    if (this.#synced < this.#end) await this.#file.sync()
    const name = {
      number: (this.#segments.at(-1)?.number ?? 0) + 1,
      firstIndex: this.#lastIndex + 1,
    }
    const path = `${folder}/${segmentFileName(name)}`
    this.#synced = 0
    this.#writer.begin(0)
    this.#writer.addSegmentHead(name.number, metadata)
    this.#writer.addHardState(this.#hardState)
    this.#isHardStateWaiting = false
    this.#addRecords(saves)
    const spare = await spares.take()
    await this.#commit(spare, 0)
    await disk.rename(spare.path, path)
    await disk.syncFolder(folder)
    await Promise.all([this.#file.close(), spare.close()])
    this.#file = await disk.open(path)
    this.#end = this.#writer.length
    this.#capacity = Math.max(segmentBytes, this.#end)
    this.#segments.push({ ...name, path })
  }
}
