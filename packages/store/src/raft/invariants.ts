import type { Entry, NodeId, RaftNode, Ready } from './types.js'

/**
 * The safety properties of the Raft paper (figure 3), and that reads are linearizable, checked from
 * outside on whatever cores are shown. Violations throw with the property's name.
 */
export class RaftInvariants {
  /** Term → who led it. */
  private readonly leaders = new Map<number, NodeId>()
  /** Member → the end of its log, while it leads. */
  private readonly leaderLogs = new Map<NodeId, { term: number; index: number; lastTerm: number }>()
  /** `index/term` → the entry, and the term of the one before it. */
  private readonly written = new Map<string, { data: string; previousTerm: number | undefined }>()
  /** Index → the term of the entry that was committed there, and the committer's term. */
  private readonly committed: { term: number; by: number }[] = []
  private readonly commitOf = new Map<NodeId, number>()
  private readonly applied = new Map<number, string>()
  private readonly reads = new Map<string, number>()
  private highestCommit = 0

  /** Call it after every call of the core. */
  observe(raft: RaftNode): void {
    const { id, term, role, lastIndex, commit } = raft.status
    if (role === 'leader') this.observeLeader(raft, id, term, lastIndex)
    else this.leaderLogs.delete(id)
    this.observeCommit(raft, id, term, commit)
  }

  private observeLeader(raft: RaftNode, id: NodeId, term: number, lastIndex: number): void {
    const other = this.leaders.get(term)
    if (other === undefined) {
      this.leaders.set(term, id)
      this.checkCompleteness(raft, id, term)
    } else if (other !== id) {
      violated('election safety', `${other} and ${id} both led term ${term}`)
    }
    const before = this.leaderLogs.get(id)
    if (before?.term === term) {
      const lastTerm = raft.termOf(before.index)
      const isKept = lastTerm === before.lastTerm || before.index < raft.status.firstIndex
      if (lastIndex < before.index || !isKept)
        violated('leader append-only', `${id} lost entry ${before.index} while it led term ${term}`)
    }
    const lastTerm = raft.termOf(lastIndex) ?? 0
    this.leaderLogs.set(id, { term, index: lastIndex, lastTerm })
  }

  private checkCompleteness(raft: RaftNode, id: NodeId, term: number): void {
    const { firstIndex } = raft.status
    for (let index = firstIndex; index <= this.highestCommit; index++) {
      const entry = this.committed[index]
      if (entry === undefined || entry.by >= term || raft.termOf(index) === entry.term) continue
      violated(
        'leader completeness',
        `${id} leads term ${term} with ${raft.termOf(index)} at ${index}, where ${entry.term} was committed`,
      )
    }
  }

  private observeCommit(raft: RaftNode, id: NodeId, by: number, commit: number): void {
    const from = Math.max((this.commitOf.get(id) ?? 0) + 1, raft.status.firstIndex)
    this.commitOf.set(id, commit)
    for (let index = from; index <= commit; index++) {
      const term = raft.termOf(index) ?? 0
      const known = this.committed[index]
      if (known === undefined) this.committed[index] = { term, by }
      else if (known.term !== term)
        violated(
          'state machine safety',
          `${index} was committed in terms ${known.term} and ${term}`,
        )
    }
    this.highestCommit = Math.max(this.highestCommit, commit)
  }

  /** Call it with every Ready that a core gives. */
  observeReady(raft: RaftNode, { entries, committedEntries }: Ready): void {
    const first = entries[0]
    let previousTerm = first && raft.termOf(first.index - 1)
    for (const entry of entries) {
      this.observeEntry(entry, previousTerm)
      previousTerm = entry.term
    }
    for (const { index, term, data } of committedEntries) {
      const command = `${term} ${String.fromCharCode(...data)}`
      const known = this.applied.get(index)
      if (known === undefined) this.applied.set(index, command)
      else if (known !== command)
        violated('state machine safety', `"${known}" and "${command}" were applied at ${index}`)
    }
  }

  /** Log matching by induction: equal (index, term) means equal entry and equal predecessor. */
  private observeEntry({ index, term, data }: Entry, previousTerm: number | undefined): void {
    const key = `${index}/${term}`
    const text = String.fromCharCode(...data)
    const known = this.written.get(key)
    if (known === undefined) this.written.set(key, { data: text, previousTerm })
    else if (known.data !== text || (known.previousTerm ?? previousTerm) !== previousTerm)
      violated('log matching', `two entries of term ${term} at ${index}`)
  }

  /** A restarted member may know less of the commit index, and it leads nothing. */
  forget(id: NodeId): void {
    this.commitOf.delete(id)
    this.leaderLogs.delete(id)
  }

  /** Call it when a client asks; `key` names the read. */
  readBegan(key: string): void {
    this.reads.set(key, this.highestCommit)
  }

  readAnswered(key: string, index: number): void {
    const committed = this.reads.get(key)
    if (committed === undefined) violated('linearizable reads', `nobody asked for ${key}`)
    else if (index < committed)
      violated('linearizable reads', `answered at ${index}, when ${committed} was committed before`)
  }
}

export class InvariantViolation extends Error {
  constructor(
    readonly invariant: string,
    detail: string,
  ) {
    super(`${invariant}: ${detail}`)
  }
}

function violated(invariant: string, detail: string): never {
  throw new InvariantViolation(invariant, detail)
}
