import { NO_MEMBERS } from './conf-change.js'
import {
  bytesOf,
  type Durable,
  defaultOptions,
  founder,
  HostedMember,
  joiner,
  type MemberOptions,
  textOf,
} from './hosted-member.fixture.js'
import { RaftInvariants } from './invariants.js'
import { membersOf } from './quorum.js'
import type { Message, NodeId, RaftNode, Ready, UnsafeRules } from './types.js'

export interface SimulationOptions {
  readonly seed: number
  readonly steps: number
  readonly voters: number
  readonly member?: Partial<MemberOptions>
  readonly unsafe?: UnsafeRules
  /** How often each thing happens, relative to the others. */
  readonly weights?: Partial<Record<Action, number>>
}

export type Action =
  | 'pass'
  | 'deliver'
  | 'lose'
  | 'duplicate'
  | 'disk'
  | 'propose'
  | 'read'
  | 'crash'
  | 'restart'
  | 'cut'
  | 'heal'
  | 'change'
  | 'transfer'
  | 'compact'
  | 'report'

const usual: Record<Action, number> = {
  pass: 150,
  deliver: 600,
  lose: 10,
  duplicate: 10,
  disk: 600,
  propose: 60,
  read: 30,
  crash: 2,
  restart: 6,
  cut: 3,
  heal: 4,
  change: 3,
  transfer: 2,
  compact: 5,
  report: 3,
}

/** Clocks run at speeds that differ by up to a tenth; a tick takes about this long. */
const TICK = 100

/** mulberry32: the same numbers for the same seed. */
export function seeded(seed: number): (bound: number) => number {
  let state = seed >>> 0
  return (bound) => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * bound)
  }
}

interface Timer {
  readonly period: number
  next: number
}

/**
 * A cluster of cores in which everything that may go wrong does, in an order that follows from the
 * seed: messages are lost, doubled and reordered, links are cut one way or both, disks are slow,
 * members crash and lose what was not on disk, membership changes, logs are compacted. The
 * invariants are asserted after every step.
 */
export class Simulation {
  readonly invariants = new RaftInvariants()
  /** What has happened so far: a run in which little happens shows little. */
  readonly happened = { elections: 0, applied: 0, changes: 0, snapshots: 0, reads: 0, crashes: 0 }
  readonly members = new Map<NodeId, HostedMember>()
  private readonly timers = new Map<NodeId, Timer>()
  private readonly random: (bound: number) => number
  private readonly cuts = new Set<string>()
  private readonly actions: Action[] = []
  private network: Message[] = []
  private now = 0
  private proposals = 0
  private readsAsked = 0

  constructor(private readonly options: SimulationOptions) {
    this.random = seeded(options.seed)
    const weights = { ...usual, ...options.weights }
    for (const action of Object.keys(weights) as Action[])
      for (let i = 0; i < weights[action]; i++) this.actions.push(action)
    const voters = Array.from({ length: options.voters }, (_, i) => BigInt(i + 1))
    const conf = { ...NO_MEMBERS, voters }
    for (const id of voters) this.addMember(id, founder(conf))
    // Who may join.
    if (options.weights?.change !== 0)
      for (const id of [1n, 2n]) this.addMember(BigInt(options.voters) + id, joiner())
  }

  private addMember(id: NodeId, disk: Durable): void {
    const { random } = this
    const { member, unsafe } = this.options
    const options = {
      ...defaultOptions,
      preVote: true,
      checkQuorum: true,
      ...member,
      random,
      unsafe,
    }
    this.members.set(id, new HostedMember(id, options, disk))
    const period = TICK - 5 + random(11)
    this.timers.set(id, { period, next: random(period) })
  }

  /** Safety: whatever happens. */
  run(): void {
    for (let i = 0; i < this.options.steps; i++) this.act[this.pick(this.actions)]()
  }

  private readonly act: Record<Action, () => void> = {
    pass: () => this.pass(this.random(TICK)),
    deliver: () => this.deliver(this.takeAny()),
    lose: () => this.takeAny(),
    duplicate: () => this.deliver(this.network[this.random(this.network.length)]),
    disk: () => this.disk(this.anyMember()),
    propose: () => this.call((raft) => raft.propose(bytesOf(`p${++this.proposals}`))),
    read: () => this.call((raft) => this.read(raft)),
    crash: () => this.crash(this.anyMember()),
    restart: () => this.restart(this.anyMember()),
    cut: () => this.cut(),
    heal: () => this.cuts.clear(),
    change: () =>
      this.call((raft) => raft.proposeConfChange('EntryConfChangeV2', bytesOf(this.anyChange()))),
    transfer: () => this.call((raft) => raft.transferLeadership(this.anyMember().id)),
    compact: () => this.call((_, member) => member.compact(this.random(4))),
    report: () => this.call((raft) => this.report(raft, this.anyMember().id)),
  }

  private read(raft: RaftNode): void {
    const key = `r${++this.readsAsked}`
    this.invariants.readBegan(key)
    raft.readIndex(bytesOf(key))
  }

  private report(raft: RaftNode, id: NodeId): void {
    if (this.random(2)) raft.reportUnreachable(id)
    else raft.reportSnapshot(id, this.random(2) === 1)
  }

  /** Leaving is proposed often, so that joint configurations don't last. */
  private anyChange(): string {
    const one = () => `${this.pick(['add', 'add', 'remove', 'learner'])} ${this.anyMember().id}`
    return this.pick(['', one(), one(), `joint ${one()} ${one()}`, `explicit ${one()} ${one()}`])
  }

  private cut(): void {
    const from = this.anyMember().id
    if (this.random(2)) this.cuts.add(`${from}→${this.anyMember().id}`)
    else for (const id of this.members.keys()) this.cuts.add(`${from}→${id}`).add(`${id}→${from}`)
  }

  private pass(time: number): void {
    this.now += time
    for (const [id, timer] of this.timers)
      for (; timer.next <= this.now; timer.next += timer.period)
        this.call((raft) => raft.tick(), this.members.get(id))
  }

  private crash(member: HostedMember): void {
    member.crash(this.random(2) === 1)
    this.invariants.forget(member.id)
    this.happened.crashes++
  }

  private restart(member: HostedMember): void {
    if (!member.isUp) member.restart()
  }

  private call(
    what: (raft: RaftNode, member: HostedMember) => void,
    member = this.anyMember(),
  ): void {
    if (!member.isUp) return
    what(member.raft, member)
    this.invariants.observe(member.raft)
  }

  /** The disk takes up work, or is done with it. Answers whether there was any. */
  private disk(member: HostedMember): boolean {
    if (!member.isUp) return false
    const begun = member.begin()
    if (begun) {
      this.invariants.observeReady(member.raft, begun)
      for (const { index, context } of begun.readStates)
        this.invariants.readAnswered(textOf(context), index)
      this.count(begun)
      this.send(member, begun.messages)
      return true
    }
    const done = member.finish()
    this.invariants.observe(member.raft)
    this.send(member, done?.messagesAfterPersist ?? [])
    return done !== undefined
  }

  private count({ softState, committedEntries, snapshot, readStates }: Ready): void {
    const { happened } = this
    if (softState?.role === 'leader') happened.elections++
    if (snapshot) happened.snapshots++
    happened.applied += committedEntries.length
    happened.changes += committedEntries.filter(({ type }) => type !== 'EntryNormal').length
    happened.reads += readStates.length
  }

  private send(member: HostedMember, messages: readonly Message[]): void {
    for (const message of messages)
      if (!this.cuts.has(`${member.id}→${message.to}`)) this.network.push(member.outgoing(message))
    if (this.network.length > NETWORK_MAX) this.network.splice(0, NETWORK_MAX / 2)
  }

  private takeAny(): Message | undefined {
    return this.network.splice(this.random(this.network.length), 1)[0]
  }

  private deliver(message: Message | undefined): void {
    if (message === undefined || this.cuts.has(`${message.from}→${message.to}`)) return
    const member = this.members.get(message.to)
    if (member) this.call((raft) => raft.step(message), member)
  }

  /**
   * Liveness: when all is well again, a leader is found, and every member that belongs to the
   * cluster comes to have what it has.
   */
  converge(): void {
    this.cuts.clear()
    for (const member of this.members.values()) this.restart(member)
    for (let round = 0; round < ROUNDS_MAX; round++) {
      this.pass(TICK)
      this.calm()
      this.call((raft) => raft.propose(bytesOf(`p${++this.proposals}`)))
      this.calm()
      if (this.hasConverged()) return
    }
    throw new Error(`no agreement after ${ROUNDS_MAX} ticks: ${this.describe()}`)
  }

  /** Everything is delivered and written, in order; of a snapshot that was lost the host tells. */
  private calm(): void {
    for (const { raft } of this.members.values())
      for (const { id, state } of raft.status.progress)
        if (state === 'snapshot' && this.network.length === 0) raft.reportSnapshot(id, false)
    for (let isBusy = true; isBusy; ) {
      isBusy = this.network.length > 0
      for (const message of this.network.splice(0)) this.deliver(message)
      for (const member of this.members.values()) while (this.disk(member)) isBusy = true
    }
  }

  private hasConverged(): boolean {
    const all = [...this.members.values()]
    const leaders = all.filter(({ raft }) => raft.status.role === 'leader')
    const latest = Math.max(...leaders.map(({ raft }) => raft.status.term))
    const leader = leaders.find(({ raft }) => raft.status.term === latest)
    if (leader === undefined) return false
    const { confState, commit, lastIndex } = leader.raft.status
    if (commit !== lastIndex || leader.raft.termOf(commit) !== latest) return false
    return membersOf(confState).every((id) => {
      const member = this.members.get(id)
      return member?.raft.status.applied === commit && member.digest === leader.digest
    })
  }

  private describe(): string {
    const show = ({ raft, id }: HostedMember) => {
      const { role, term, commit, lastIndex, confState } = raft.status
      const { voters, votersOutgoing } = confState
      return `${id} ${role} term=${term} log=${commit}/${lastIndex} voters=${voters}/${votersOutgoing}`
    }
    return [...this.members.values()].map(show).join('; ')
  }

  private pick<Of>(from: readonly Of[]): Of {
    return from[this.random(from.length)] as Of
  }

  private anyMember(): HostedMember {
    return this.pick([...this.members.values()])
  }
}

const ROUNDS_MAX = 500

/** Beyond it the oldest messages are lost, as in any queue. */
const NETWORK_MAX = 200
