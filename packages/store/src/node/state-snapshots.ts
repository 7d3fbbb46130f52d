import type { StateView } from '../backend/state.js'
import type { Log } from '../log.js'
import type { SnapshotMetadata } from '../raft/types.js'
import type { SnapshotStore } from '../snapshot/snapshot-store.js'
import type { Wal } from '../wal/types.js'

export interface StateSnapshotsOptions {
  readonly store: SnapshotStore
  readonly wal: Wal
  readonly log: Log
  /** The state as of now; O(1). */
  readonly view: () => StateView
  readonly write: (view: StateView) => Promise<StateFile>
  /** Entries after which one is due. */
  readonly entriesPerSnapshot: number
  /** Files that are kept. */
  readonly kept: number
  readonly onFailure: (error: unknown) => void
}

export interface StateFile {
  readonly sizeBytes: number
  readonly chunks: AsyncIterable<Uint8Array>
}

/** Below it a snapshot is cheap, whatever it saves. */
const CHEAP_BYTES = 4 * 1024 * 1024

/**
 * Writes the state beside the log from time to time, so that the log can be cut. A snapshot holds
 * everything: it is due after a number of entries, but only once the log has grown by as much as the
 * last one took. So all snapshots together write about what the log does, or twice that while the
 * state only grows, and an opening reads as much of the log as of the state.
 */
export class StateSnapshots {
  readonly #options: StateSnapshotsOptions
  #entries = 0
  #logBytes = 0
  #lastBytes: number
  #lastIndex: number
  #saving: Promise<void> | undefined

  constructor(options: StateSnapshotsOptions, last: { index: number; sizeBytes: number }) {
    this.#options = options
    this.#lastIndex = last.index
    this.#lastBytes = last.sizeBytes
  }

  get lastIndex(): number {
    return this.#lastIndex
  }

  onApplied(entries: number, bytes: number): void {
    this.#entries += entries
    this.#logBytes += bytes
    if (this.#entries < this.#options.entriesPerSnapshot) return
    if (this.#lastBytes > CHEAP_BYTES && this.#logBytes < this.#lastBytes) return
    if (this.#saving === undefined) this.save().catch(this.#options.onFailure)
  }

  /** Writes one now. Resolves when it is durable; joins one that is being written. */
  async save(): Promise<void> {
    this.#saving ??= this.#write().finally(() => {
      this.#saving = undefined
    })
    return this.#saving
  }

  /** A state came from the leader, and is stored: it counts like one of our own. */
  onRestored(index: number, sizeBytes: number): void {
    this.#becomesLast(index, sizeBytes)
    this.#entries = 0
    this.#logBytes = 0
    this.#saving ??= this.prune(this.#options.kept).finally(() => {
      this.#saving = undefined
    })
    this.#saving.catch(this.#options.onFailure)
  }

  #becomesLast(index: number, sizeBytes: number): void {
    this.#lastIndex = index
    this.#lastBytes = sizeBytes
  }

  async close(): Promise<void> {
    await this.#saving?.catch(() => {
      // Whoever asked for it hears of its failure.
    })
  }

  async #write(): Promise<void> {
    const { store, wal, log, view, write, kept } = this.#options
    const state = view()
    const { appliedIndex: index, appliedTerm: term, confState } = state
    if (index <= this.#lastIndex) return state.mvcc.release()
    this.#entries = 0
    this.#logBytes = 0
    let sizeBytes: number
    try {
      const file = await write(state)
      sizeBytes = file.sizeBytes
      await store.save({ index, term }, file.chunks)
    } finally {
      // Or what is compacted from now on stays: a save that fails early reads nothing of it.
      state.mvcc.release()
    }
    const metadata: SnapshotMetadata = { index, term, confState }
    await wal.saveSnapshot(metadata)
    // Meanwhile a newer one may have come from the leader.
    if (index > this.#lastIndex) this.#becomesLast(index, sizeBytes)
    log.info('saved snapshot', { 'snapshot-index': index, size: sizeBytes })
    await this.prune(kept)
  }

  /**
   * Keeps the newest files, and the log that the oldest of them needs. A file that is newer than the
   * state came from a leader, and is wanted yet.
   */
  async prune(kept: number): Promise<void> {
    const { store, wal } = this.#options
    await store.prune(kept, this.#lastIndex)
    const oldest = (await store.list()).at(-1)
    if (oldest !== undefined) await wal.release(oldest)
  }
}
