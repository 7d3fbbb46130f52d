import { NO_MEMBERS } from './conf-change.js'
import { createRaft } from './raft.js'
import {
  type ConfChange,
  type ConfChangeSingle,
  type ConfState,
  type Entry,
  type HardState,
  type Message,
  NOBODY,
  type NodeId,
  type RaftConfig,
  type RaftNode,
  type Ready,
  type SnapshotMetadata,
} from './types.js'

/** What a crash leaves. */
export interface Durable {
  hardState: HardState
  snapshot: SnapshotMetadata
  /** The state machine's state at `snapshot`. */
  state: string
  entries: Entry[]
}

export type MemberOptions = Omit<
  RaftConfig,
  'id' | 'hardState' | 'snapshot' | 'entries' | 'applied'
>

export const defaultOptions: MemberOptions = {
  electionTicks: 10,
  heartbeatTicks: 1,
  random: () => 0,
  preVote: false,
  checkQuorum: false,
  readOnly: 'safe',
  maxMessageBytes: 1 << 20,
  maxInflightMessages: 256,
  maxInflightBytes: Number.POSITIVE_INFINITY,
  maxUncommittedBytes: Number.POSITIVE_INFINITY,
  maxCommittedBytes: 1 << 20,
}

/**
 * A founder begins with a snapshot that says who founded the cluster, so that who joins is sent
 * that as well; who joins begins with nothing.
 */
export const founder = (conf: ConfState): Durable => ({
  hardState: { term: 1, vote: NOBODY, commit: 1 },
  snapshot: { index: 1, term: 1, confState: conf },
  state: '',
  entries: [],
})

export const joiner = (): Durable => ({
  hardState: { term: 0, vote: NOBODY, commit: 0 },
  snapshot: { index: 0, term: 0, confState: NO_MEMBERS },
  state: '',
  entries: [],
})

/**
 * A member with the smallest host that keeps the contract of `Ready`: a disk that is an object, and
 * a state machine whose state is a digest of everything it applied. Whoever drives it decides when
 * the disk is done, and when it crashes.
 */
export class HostedMember {
  raft: RaftNode
  /** What the disk is writing; a crash loses it, and what `raft` knows besides. */
  underWay: Ready | undefined
  isUp = true
  private synced: HardState
  private state: string
  private conf: ConfState

  constructor(
    readonly id: NodeId,
    readonly options: MemberOptions,
    readonly disk: Durable,
  ) {
    this.synced = disk.hardState
    this.state = disk.state
    this.conf = disk.snapshot.confState ?? NO_MEMBERS
    this.raft = this.start()
  }

  private start(): RaftNode {
    const { hardState, snapshot, entries, state } = this.disk
    this.state = state
    this.conf = snapshot.confState ?? NO_MEMBERS
    const log = { hardState, snapshot, entries, applied: snapshot.index }
    return createRaft({ ...this.options, id: this.id, ...log })
  }

  /** What was not synced may be lost as well. */
  crash(losesUnsynced = false): void {
    this.isUp = false
    this.underWay = undefined
    if (losesUnsynced) this.disk.hardState = this.synced
  }

  restart(): void {
    this.raft = this.start()
    this.isUp = true
  }

  /** Takes a Ready; its `messages` may be sent now. */
  begin(): Ready | undefined {
    if (this.underWay !== undefined || !this.raft.hasReady()) return undefined
    this.underWay = this.raft.ready()
    return this.underWay
  }

  /** The disk is done: applies, and answers the Ready whose `messagesAfterPersist` may be sent. */
  finish(): Ready | undefined {
    const ready = this.underWay
    if (ready === undefined) return undefined
    this.underWay = undefined
    this.persist(ready)
    if (ready.snapshot?.metadata) {
      this.state = this.disk.state
      this.conf = ready.snapshot.metadata.confState ?? NO_MEMBERS
      this.raft.setSnapshot(ready.snapshot.metadata)
    }
    for (const entry of ready.committedEntries) this.apply(entry)
    this.raft.advance()
    const last = ready.committedEntries.at(-1)
    if (last) this.raft.appliedTo(last.index)
    // Who has just been added is sent a snapshot that knows it.
    if (ready.committedEntries.some(({ type }) => type !== 'EntryNormal')) this.takeSnapshot()
    return ready
  }

  private persist({ snapshot, entries, hardState, mustSync }: Ready): void {
    const { disk } = this
    if (snapshot?.metadata) {
      disk.snapshot = snapshot.metadata
      disk.state = textOf(snapshot.data)
      disk.entries = []
    }
    const first = entries[0]
    if (first) disk.entries.splice(first.index - disk.snapshot.index - 1, Infinity, ...entries)
    if (hardState) disk.hardState = hardState
    if (mustSync) this.synced = disk.hardState
  }

  private apply(entry: Entry): void {
    this.state = digestOf(this.state, entry)
    if (entry.type === 'EntryNormal') return
    this.conf = this.raft.applyConfChange(decodeConfChange(entry.data))
  }

  /** Makes a snapshot, and forgets the log up to `keep` entries before it. */
  compact(keep = 0): void {
    this.takeSnapshot()
    this.raft.compact(Math.max(0, this.raft.status.applied - keep))
  }

  /** Of what is applied. The disk needs no entries before it; memory keeps them. */
  private takeSnapshot(): void {
    const { applied } = this.raft.status
    const { disk, state, conf } = this
    if (applied <= disk.snapshot.index) return
    disk.entries = disk.entries.filter(({ index }) => index > applied)
    disk.snapshot = { index: applied, term: this.raft.termOf(applied) ?? 0, confState: conf }
    disk.state = state
    this.raft.setSnapshot(disk.snapshot)
  }

  /** The state travels with the message. */
  outgoing(message: Message): Message {
    if (message.type !== 'MsgSnap') return message
    const snapshot = { metadata: this.disk.snapshot, data: bytesOf(this.disk.state) }
    return { ...message, snapshot }
  }

  get digest(): string {
    return this.state
  }
}

/** So that equal states have equal histories: FNV-1a over what was applied, in order. */
export function digestOf(state: string, { index, term, data }: Entry): string {
  let hash = 0x811c9dc5
  for (const byte of bytesOf(`${state}|${index}|${term}|`)) hash = mix(hash, byte)
  for (const byte of data) hash = mix(hash, byte)
  return (hash >>> 0).toString(16).padStart(8, '0')
}

const mix = (hash: number, byte: number): number => Math.imul(hash ^ byte, 0x01000193)

export const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text)
export const textOf = (bytes: Uint8Array): string => new TextDecoder().decode(bytes)

const CHANGES: Record<string, ConfChangeSingle['type']> = {
  add: 'ConfChangeAddNode',
  remove: 'ConfChangeRemoveNode',
  update: 'ConfChangeUpdateNode',
  learner: 'ConfChangeAddLearnerNode',
}

const TRANSITIONS: Record<string, ConfChange['transition']> = {
  joint: 'jointImplicit',
  explicit: 'jointExplicit',
}

/** `add 4`, `joint add 4 remove 1`, and nothing at all to leave a joint configuration. */
export function decodeConfChange(data: Uint8Array): ConfChange {
  const words = textOf(data).split(' ').filter(Boolean)
  const transition = TRANSITIONS[words[0] ?? '']
  if (transition) words.shift()
  const changes: ConfChangeSingle[] = []
  for (let i = 0; i + 1 < words.length; i += 2) {
    const type = CHANGES[words[i] as string]
    if (type === undefined) throw new Error(`unknown change ${words[i]}`)
    changes.push({ type, nodeId: BigInt(words[i + 1] as string) })
  }
  return { transition: transition ?? 'auto', changes }
}
