import type { TokenProvider } from '../auth/tokens.js'
import type { Clock, YieldTurn } from '../clock.js'
import type { Disk } from '../disk/disk.js'
import type { Ledger } from '../ledger.js'
import type { StoreLimits } from '../limits.js'
import type { Log } from '../log.js'
import type { Metrics } from '../metrics/metrics.js'
import type { PeerHandler, PeerTransport } from '../peer/transport.js'
import type { NodeId, RaftConfig, RaftNode, UnsafeRules } from '../raft/types.js'
import type { Random } from '../random.js'
import type { Member as MemberInfo } from '../wire/cluster.js'

/** How a member that has no log yet begins. */
export interface Bootstrap {
  readonly memberId: NodeId
  readonly clusterId: bigint
  /** Of a new cluster: its first members. Of one that runs: who is known to belong to it. */
  readonly members: readonly MemberInfo[]
  /** The cluster begins now, with these members; every one of them is told the same. */
  readonly isNewCluster: boolean
}

export interface MemberOptions {
  readonly name: string
  /** Told to clients that ask for the members. */
  readonly clientUrls: readonly string[]
  /** Asked only when there is no log. */
  readonly bootstrap: () => Promise<Bootstrap>
  readonly openTransport: (transport: {
    readonly id: NodeId
    readonly clusterId: bigint
    readonly handler: PeerHandler
  }) => PeerTransport

  readonly clock: Clock
  readonly random: Random
  readonly yieldTurn?: YieldTurn | undefined
  readonly ledger?: Ledger | undefined
  readonly log?: Log | undefined
  readonly metrics?: Metrics | undefined
  readonly limits?: Partial<StoreLimits> | undefined
  /** Where everything is kept; undefined: in memory, and gone with the process. */
  readonly disk?: Disk | undefined

  /** Size of the log's files; default 64 MiB. */
  readonly walSegmentBytes?: number | undefined
  /** A tick of Raft's time; a leader's heartbeats are that far apart. Default 100. */
  readonly heartbeatMs?: number | undefined
  /** Without a leader for so long, a follower stands for election. Default 1000. */
  readonly electionMs?: number | undefined
  readonly preVote?: boolean | undefined
  /** Entries between snapshots of the state. Default 10,000. */
  readonly snapshotEntries?: number | undefined
  /** Entries kept in memory for followers that are a bit behind. Default 5,000. */
  readonly catchUpEntries?: number | undefined
  readonly snapshotsKept?: number | undefined
  /** How users' tokens are made; default: etcd's simple ones. */
  readonly tokens?: TokenProvider | undefined
  readonly bcryptCost?: number | undefined
  /** How much the core may send at once. Default: etcd's bounds. */
  readonly raftBounds?: Partial<RaftBounds> | undefined
  /** For simulations: the core, to be called through what this answers. */
  readonly wrapRaft?: ((raft: RaftNode) => RaftNode) | undefined
  /** For simulations: bugs on purpose. */
  readonly unsafe?: UnsafeRules | undefined
  /** Refuse changes of membership that would endanger the quorum. Default true. */
  readonly strictReconfigCheck?: boolean | undefined
  /** How often a leader compares the others' data with its own. Default 0: never. */
  readonly corruptCheckMs?: number | undefined
}

const defaults = {
  heartbeatMs: 100,
  electionMs: 1000,
  preVote: true,
  snapshotEntries: 10_000,
  catchUpEntries: 5000,
  snapshotsKept: 5,
  strictReconfigCheck: true,
  corruptCheckMs: 0,
  bcryptCost: 10,
  walSegmentBytes: 64 * 1024 * 1024,
}

/** How much of everything may be under way. Source: etcd's own bounds. */
export const bounds = {
  raft: {
    maxMessageBytes: 1024 * 1024,
    maxInflightMessages: 512,
    maxInflightBytes: 64 * 1024 * 1024,
    maxUncommittedBytes: 1024 * 1024 * 1024,
    maxCommittedBytes: 8 * 1024 * 1024,
  },
  /** Proposals, and reads, that wait at once. */
  pendingMax: 50_000,
  /** What an entry has besides what the client sent. */
  requestOverheadBytes: 512 * 1024,
  tokenTtlMs: 300_000,
} as const

/** What the core may send, and hand out to be applied, at once. */
export type RaftBounds = Pick<RaftConfig, keyof typeof bounds.raft>

/** The options with nothing left open. */
export type MemberSettings = MemberOptions & typeof defaults

export function withDefaults(options: MemberOptions): MemberSettings {
  // One that is given as undefined is not given.
  const given = Object.entries(options).filter(([, value]) => value !== undefined)
  return { ...defaults, ...Object.fromEntries(given) } as MemberSettings
}
