import type { NodeId, RaftNode } from '../raft/types.js'
import type { Applied } from './entry-applier.js'
import type { ReplicatedState } from './replicated-state.js'

/** Entries that are forgotten together. */
const SURPLUS_MIN = 100

export interface LogRetentionOptions {
  readonly selfId: NodeId
  readonly raft: RaftNode
  readonly state: ReplicatedState
  /** Entries that are kept for followers that are behind. */
  readonly catchUpEntries: number
}

/** Keeps what a follower may still need that is a bit behind; others get the state. */
export class LogRetention {
  readonly #options: LogRetentionOptions

  constructor(options: LogRetentionOptions) {
    this.#options = options
  }

  onApplied({ index, term }: Applied): void {
    const { selfId, raft, state, catchUpEntries } = this.#options
    raft.setSnapshot({ index, term, confState: state.confState })
    // Without anybody to be behind they would only grow old, which costs more than to forget them.
    const kept = state.isOnlyMember(selfId) ? 0 : catchUpEntries
    const surplus = index - raft.firstIndex - kept
    if (surplus < Math.max(kept / 5, SURPLUS_MIN)) return
    raft.compact(index - kept)
  }
}
