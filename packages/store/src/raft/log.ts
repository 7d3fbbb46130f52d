import { assert } from './assert.js'
import type { Entry, Snapshot, SnapshotMetadata } from './types.js'

/** What an entry costs in a message or in memory; the constant is a bound on its framing. */
export const entryBytes = (entry: Entry): number => entry.data.length + 16

export interface StoredLog {
  readonly snapshot: SnapshotMetadata
  readonly entries: readonly Entry[]
  readonly commit: number
  readonly applied: number
}

/**
 * The log since the last compaction, and how far each of its entries has come:
 *
 *   compacted │ applied │ handed out to be applied │ committed │ the tail a new leader may replace
 *
 * and, independently, `stable │ being written │ not handed out yet`.
 * Always: compacted ≤ applied ≤ handedOut ≤ commit ≤ lastIndex and stable ≤ writing ≤ lastIndex.
 */
export class RaftLog {
  /** `entries[i].index` is `compactedIndex + 1 + i`. */
  private entries: Entry[]
  private compactedIndex: number
  private compactedTerm: number
  commit: number
  applied: number
  private handedOut: number
  /** Up to here the log is durable. */
  stable: number
  /** Up to here the log is durable once the Ready under way is. */
  private writing: number
  /** Received, and not durable yet. */
  pendingSnapshot: Snapshot | undefined

  constructor(stored: StoredLog) {
    const { index, term } = stored.snapshot
    this.compactedIndex = index
    this.compactedTerm = term
    this.entries = [...stored.entries]
    this.commit = Math.max(index, stored.commit)
    this.applied = Math.max(index, stored.applied)
    this.handedOut = this.applied
    this.stable = this.lastIndex
    this.writing = this.stable
    const first = this.entries[0]
    assert(
      first === undefined || first.index === index + 1,
      () => `the log begins at ${first?.index}, but its snapshot ends at ${index}`,
    )
    assert(
      this.applied <= this.commit && this.commit <= this.lastIndex,
      () =>
        `applied ${this.applied}, commit ${this.commit} and last index ${this.lastIndex} disagree`,
    )
  }

  get firstIndex(): number {
    return this.compactedIndex + 1
  }

  get lastIndex(): number {
    return this.compactedIndex + this.entries.length
  }

  get lastTerm(): number {
    return this.entries.at(-1)?.term ?? this.compactedTerm
  }

  /** Undefined where the log doesn't reach, at either end. */
  termOf(index: number): number | undefined {
    if (index === this.compactedIndex) return this.compactedTerm
    return this.entries[index - this.compactedIndex - 1]?.term
  }

  matches(index: number, term: number): boolean {
    return this.termOf(index) === term
  }

  /** Paper, 5.4.1: whether a log that ends like this may lead us. */
  isUpToDate(lastIndex: number, lastTerm: number): boolean {
    if (lastTerm !== this.lastTerm) return lastTerm > this.lastTerm
    return lastIndex >= this.lastIndex
  }

  /** Paper, 5.3: a leader only ever appends. */
  append(entry: Entry): void {
    this.entries.push(entry)
  }

  /** As a follower. Answers the last index that is known to equal the leader's, or undefined. */
  appendAfter(
    previousIndex: number,
    previousTerm: number,
    entries: readonly Entry[],
  ): number | undefined {
    if (!this.matches(previousIndex, previousTerm)) return undefined
    // Only a real conflict truncates: an old message, overtaken by a longer one, takes nothing away.
    const firstNew = entries.findIndex(({ index, term }) => !this.matches(index, term))
    if (firstNew >= 0) {
      this.truncateTo(previousIndex + firstNew)
      for (let i = firstNew; i < entries.length; i++) this.entries.push(entries[i] as Entry)
    }
    return previousIndex + entries.length
  }

  private truncateTo(lastIndex: number): void {
    if (lastIndex >= this.lastIndex) return
    assert(
      lastIndex >= this.commit,
      () => `entry ${lastIndex + 1} conflicts with a committed one (commit ${this.commit})`,
    )
    this.entries.length = lastIndex - this.compactedIndex
    this.stable = Math.min(this.stable, lastIndex)
    this.writing = Math.min(this.writing, lastIndex)
  }

  /**
   * The largest index up to `index` whose term is at most `term`: where two logs may still agree.
   * It skips whole terms at once, on the follower's side and on the leader's.
   */
  lastAgreement(index: number, term: number): { index: number; term: number } {
    for (let at = index; at > 0; at--) {
      const ours = this.termOf(at)
      if (ours === undefined) return { index: at, term: 0 }
      if (ours <= term) return { index: at, term: ours }
    }
    return { index: 0, term: 0 }
  }

  /** Entries from `from` up to `to`, as many as `maxBytes` allows but at least one. */
  slice(from: number, to: number, maxBytes: number): Entry[] {
    const begin = from - this.compactedIndex - 1
    assert(begin >= 0, () => `entry ${from} was compacted (first index ${this.firstIndex})`)
    const limit = Math.min(to - this.compactedIndex, this.entries.length)
    let end = begin
    let bytes = 0
    while (end < limit) {
      bytes += entryBytes(this.entries[end] as Entry)
      if (bytes > maxBytes && end > begin) break
      end++
    }
    return this.entries.slice(begin, end)
  }

  /** The bytes of data between two indexes, the first one excluded. */
  dataBytes(after: number, to: number): number {
    let bytes = 0
    for (let i = after - this.compactedIndex; i < to - this.compactedIndex; i++)
      bytes += this.entries[i]?.data.length ?? 0
    return bytes
  }

  /** Whether a change of membership lies between two indexes, the first one excluded. */
  hasConfChange(after: number, to: number): boolean {
    const begin = Math.max(0, after - this.compactedIndex)
    for (let i = begin; i < to - this.compactedIndex; i++)
      if (this.entries[i]?.type !== 'EntryNormal') return true
    return false
  }

  commitTo(index: number): void {
    if (index <= this.commit) return
    assert(
      index <= this.lastIndex,
      () =>
        `commit ${index} is beyond the last entry ${this.lastIndex}: was the log lost or truncated?`,
    )
    this.commit = index
  }

  get hasUnstable(): boolean {
    return this.writing < this.lastIndex
  }

  /** What is to be written, all of it; from now on it counts as being written. */
  takeUnstable(): Entry[] {
    const entries = this.entries.slice(this.writing - this.compactedIndex)
    this.writing = this.lastIndex
    return entries
  }

  /** What was taken is durable, as far as no new leader has replaced it meanwhile. */
  written(): void {
    this.stable = this.writing
  }

  get hasCommitted(): boolean {
    return this.handedOut < this.commit && this.pendingSnapshot === undefined
  }

  /** What is to be applied next; each entry comes once. */
  takeCommitted(maxBytes: number): Entry[] {
    if (!this.hasCommitted) return []
    const entries = this.slice(this.handedOut + 1, this.commit, maxBytes)
    this.handedOut += entries.length
    return entries
  }

  appliedTo(index: number): void {
    assert(
      index <= this.handedOut,
      () => `entry ${index} cannot be applied, only ${this.handedOut} were handed out`,
    )
    this.applied = Math.max(this.applied, index)
  }

  compact(index: number): void {
    assert(
      index <= this.applied,
      () => `entry ${index} is not applied yet (applied ${this.applied}), it cannot be compacted`,
    )
    if (index <= this.compactedIndex) return
    this.compactedTerm = this.termOf(index) as number
    this.entries.splice(0, index - this.compactedIndex)
    this.compactedIndex = index
  }

  /** Paper, 7: the leader's state replaces everything that this log says. */
  restore(snapshot: Snapshot, metadata: SnapshotMetadata): void {
    this.entries = []
    this.compactedIndex = metadata.index
    this.compactedTerm = metadata.term
    this.commit = metadata.index
    this.handedOut = metadata.index
    this.stable = metadata.index
    this.writing = metadata.index
    this.pendingSnapshot = snapshot
  }

  /** `snapshot` is durable, and the state is the snapshot's. */
  restored(snapshot: Snapshot): void {
    this.applied = Math.max(this.applied, snapshot.metadata?.index ?? 0)
    if (this.pendingSnapshot === snapshot) this.pendingSnapshot = undefined
  }
}
