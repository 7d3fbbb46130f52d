import { type Entry, type HardState, NOBODY } from '../raft/types.js'
import type { RecordVisitor } from './segment-reader.js'
import type { WalContents, WalMetadata, WalSnapshot } from './types.js'
import { corrupt, WalError } from './wal-error.js'

/**
 * Puts a log's records together to what it holds after the snapshot `at`. Later entries replace
 * earlier ones from their index on. A snapshot mark whose entry the log doesn't have is that of a
 * snapshot that came from the leader, and replaced the log.
 */
export class Replay implements RecordVisitor {
  readonly #at: WalSnapshot
  readonly #expected: WalMetadata | undefined
  #path = ''
  #metadata: WalMetadata | undefined
  #hardState: HardState = { term: 0, vote: NOBODY, commit: 0 }
  #entries: Entry[] = []
  /** The term of the entry at `at.index`, as far as the log has it. */
  #termAtSnapshot: number | undefined
  #isMarked: boolean

  constructor(at: WalSnapshot, expected: WalMetadata | undefined) {
    this.#at = at
    this.#expected = expected
    this.#isMarked = at.index === 0
  }

  /** Whether the log knows of the snapshot at which it is opened. */
  get isMarked(): boolean {
    return this.#isMarked
  }

  beginSegment(path: string): void {
    this.#path = path
  }

  onMetadata(metadata: WalMetadata): void {
    const expected = this.#metadata ?? this.#expected
    this.#metadata ??= metadata
    if (expected === undefined || isSame(metadata, expected)) return
    throw new WalError(
      'otherMember',
      `${this.#path} is the log of ${nameOf(metadata)}, not of ${nameOf(expected)}; ` +
        'nothing was changed; give every member a data directory of its own',
    )
  }

  onHardState(hardState: HardState): void {
    this.#hardState = hardState
  }

  onEntry(entry: Entry, offset: number): void {
    const first = this.#at.index + 1
    if (entry.index < first) {
      this.#entries = []
      this.#termAtSnapshot = entry.index === this.#at.index ? entry.term : undefined
      return
    }
    const place = entry.index - first
    if (place > this.#entries.length) {
      const before = this.#at.index + this.#entries.length
      throw corrupt(this.#path, offset, `entry ${entry.index} follows entry ${before}`)
    }
    this.#entries.length = place
    // A copy: or a few entries would keep a whole segment in memory.
    this.#entries.push({ ...entry, data: Buffer.from(entry.data) })
  }

  onSnapshot(mark: WalSnapshot): void {
    const { index, term } = mark
    if (index < this.#at.index) return
    if (index === this.#at.index) {
      this.#isMarked = term === this.#at.term
      if (this.#termAtSnapshot !== term) this.#entries = []
      this.#termAtSnapshot = term
      return
    }
    const entry = this.#entries[index - this.#at.index - 1]
    if (entry?.term === term) return
    throw new WalError(
      'snapshotMissing',
      `${this.#path} goes on from the snapshot at index ${index}, and the newest good one is at ` +
        `${this.#at.index}; nothing was changed; remove this member and add it anew`,
    )
  }

  finish(): WalContents {
    if (this.#metadata === undefined) throw new WalError('notFound', 'the log has no segment')
    const { index, term } = this.#at
    // The crash came between the snapshot's file and its mark: the file counts.
    if (index > 0 && this.#termAtSnapshot !== term) this.#entries = []
    const { vote } = this.#hardState
    const isOlder = this.#hardState.term < term
    const commit = Math.max(this.#hardState.commit, index)
    const last = index + this.#entries.length
    if (commit > last) {
      throw corrupt(this.#path, 0, `entries up to ${commit} are committed, and it ends at ${last}`)
    }
    return {
      metadata: this.#metadata,
      hardState: isOlder
        ? { term, vote: NOBODY, commit }
        : { term: this.#hardState.term, vote, commit },
      entries: this.#entries,
    }
  }
}

const isSame = (a: WalMetadata, b: WalMetadata) =>
  a.nodeId === b.nodeId && a.clusterId === b.clusterId

const nameOf = ({ nodeId, clusterId }: WalMetadata) =>
  `member ${nodeId.toString(16)} of cluster ${clusterId.toString(16)}`
