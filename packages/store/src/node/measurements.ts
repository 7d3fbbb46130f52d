import type { StoreLimits } from '../limits.js'
import { formatId } from '../membership/ids.js'
import type { Membership } from '../membership/membership.js'
import type { Counter, Metrics } from '../metrics/metrics.js'
import type { NodeId, RaftStatus } from '../raft/types.js'
import type { StateMachine } from './state-machine.js'

export interface MeasurementsOptions {
  readonly metrics: Metrics
  readonly selfId: NodeId
  readonly machine: StateMachine
  readonly limits: StoreLimits
  readonly leader: () => NodeId
  readonly membership: () => Membership
  readonly raft: () => RaftStatus
  readonly appliedIndex: () => number
  readonly pendingProposals: () => number
  readonly authRevision: () => number
  readonly expiredLeases: () => number
}

/**
 * What is cheaper to read when somebody asks than to keep up to date: the gauges, and the counts of
 * what is on the way of every request, which are plain numbers where they are made.
 */
export class Measurements {
  readonly #options: MeasurementsOptions
  readonly #counts: readonly CountSince[]

  constructor(options: MeasurementsOptions) {
    this.#options = options
    const { metrics, machine, expiredLeases } = options
    const { mvcc, lease } = metrics
    const { counts, lessor } = machine
    this.#counts = [
      new CountSince(mvcc.ranges, () => counts.ranges),
      new CountSince(mvcc.puts, () => counts.puts),
      new CountSince(mvcc.deletes, () => counts.deletes),
      new CountSince(mvcc.txns, () => counts.txns),
      new CountSince(mvcc.putBytes, () => counts.putBytes),
      new CountSince(mvcc.events, () => machine.hub.eventsSent),
      new CountSince(mvcc.compactedKeys, () => machine.freedRevisions),
      new CountSince(lease.granted, () => lessor.counts.granted),
      new CountSince(lease.revoked, () => lessor.counts.revoked),
      new CountSince(lease.renewed, () => lessor.counts.renewed),
      new CountSince(lease.expired, expiredLeases),
    ]
    metrics.beforeScrape(() => this.#measure())
  }

  #measure(): void {
    for (const count of this.#counts) count.tell()
    this.#measureServer()
    const { metrics, machine } = this.#options
    const { mvcc } = metrics
    const status = machine.status()
    mvcc.keys.set(status.keyCount)
    mvcc.watchers.set(status.watcherCount)
    mvcc.slowWatchers.set(machine.hub.laggingSize)
    mvcc.currentRevision.set(status.header.revision)
    mvcc.compactRevision.set(status.compactRevision)
    mvcc.dbSizeBytes.set(machine.databaseBytes)
    mvcc.dbSizeInUseBytes.set(machine.databaseBytes)
  }

  #measureServer(): void {
    const { metrics, selfId, leader, membership, raft, limits } = this.#options
    const { server } = metrics
    server.setId(formatId(selfId))
    server.hasLeader.set(leader() === 0n ? 0 : 1)
    server.isLeader.set(leader() === selfId ? 1 : 0)
    server.isLearner.set(membership().get(selfId)?.isLearner ? 1 : 0)
    server.proposalsCommitted.set(raft().commit)
    server.proposalsApplied.set(this.#options.appliedIndex())
    server.proposalsPending.set(this.#options.pendingProposals())
    server.quotaBytes.set(limits.quotaBytes)
    server.authRevision.set(this.#options.authRevision())
  }
}

/** A counter that hears of what a number has grown by. */
class CountSince {
  readonly #counter: Counter
  readonly #read: () => number
  #told = 0

  constructor(counter: Counter, read: () => number) {
    this.#counter = counter
    this.#read = read
  }

  tell(): void {
    const count = this.#read()
    if (count > this.#told) this.#counter.add(count - this.#told)
    this.#told = count
  }
}
