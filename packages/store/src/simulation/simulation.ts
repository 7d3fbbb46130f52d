import type { MemberOptions } from '../node/member-options.js'
import type { UnsafeRules } from '../raft/types.js'
import { SimulatedClient } from './client.js'
import { History, keyModel } from './history.js'
import { LeaseHolder } from './lease-holder.js'
import { judge } from './linearizability.js'
import { type Misfortunes, Nemesis } from './nemesis.js'
import { SeededRandom } from './seeded-random.js'
import { SimulatedTime } from './simulated-clock.js'
import { SimulatedCluster, type SimulatedMachine } from './simulated-cluster.js'
import { calmNetwork, type NetworkFaults, SimulatedNetwork } from './simulated-network.js'
import { CoreWatch } from './watched-raft.js'
import { compareWatch, SimulatedWatcher } from './watcher.js'

/** Bugs on purpose: each must be found. */
export interface PlantedBugs extends UnsafeRules {
  /** Disks say that they have synced and have not. */
  readonly forgetSync?: boolean
}

export interface SimulationOptions {
  readonly seed: number
  /** Members at the beginning. */
  readonly size: number
  /** Of simulated time, under misfortunes. */
  readonly durationMs: number
  /** Average time between two misfortunes. */
  readonly periodMs?: number
  /** Longest time until what crashed is started again. */
  readonly restartMsMax?: number
  readonly misfortunes?: Misfortunes
  /** At the beginning; default: calm. */
  readonly network?: NetworkFaults
  readonly bugs?: PlantedBugs
  readonly member?: Partial<MemberOptions>
  readonly tell?: (what: string) => void
}

export interface SimulationReport {
  readonly seed: number
  /** What happened that must not; none: all is well. */
  readonly violations: readonly string[]
  readonly operations: number
  readonly unanswered: number
  /** Events that watchers were given, and keep-alives that were confirmed. */
  readonly watchEvents: number
  readonly renewals: number
  readonly events: number
}

/** For a cluster to come to rest once all misfortunes have ended. */
const RECOVERY_MS = 60_000
/** For a client to wait for an answer. */
const PATIENCE_MS = 3000
const CLOCK_SKEW = 0.02
const VIOLATIONS_MAX = 20

/** One run of a whole cluster, of which every detail follows from the seed. */
export function simulate(options: SimulationOptions): Promise<SimulationReport> {
  return new Simulation(options).run()
}

class Simulation {
  readonly #options: SimulationOptions
  readonly #random: SeededRandom
  readonly #time = new SimulatedTime()
  readonly #network: SimulatedNetwork
  readonly #cluster: SimulatedCluster
  readonly #history = new History()
  readonly #violations: string[] = []

  constructor(options: SimulationOptions) {
    const { seed, size, bugs = {}, member = {} } = options
    this.#options = options
    this.#random = new SeededRandom(seed)
    this.#network = new SimulatedNetwork(this.#time, this.#random.fork())
    const watch = new CoreWatch((violation) => this.#violate(violation))
    this.#cluster = new SimulatedCluster({
      size,
      time: this.#time,
      random: this.#random.fork(),
      network: this.#network,
      disk: { latency: { operationMs: [0.02, 0.3], syncMs: [0.2, 4] } },
      disksIgnoreSync: bugs.forgetSync ?? false,
      clockSkew: CLOCK_SKEW,
      onFailure: (what) => this.#violate(what),
      member: {
        walSegmentBytes: 64 * 1024,
        snapshotEntries: 60,
        catchUpEntries: 30,
        strictReconfigCheck: false,
        unsafe: bugs,
        wrapRaft: (raft) => watch.wrap(raft),
        ...member,
      },
    })
  }

  async run(): Promise<SimulationReport> {
    const starting = this.#cluster.start()
    await this.#pass(2000)
    await starting
    const actors = this.#actors()
    this.#network.faults = this.#options.network ?? calmNetwork
    const nemesis = new Nemesis({
      cluster: this.#cluster,
      network: this.#network,
      time: this.#time,
      random: this.#random.fork(),
      periodMs: this.#options.periodMs ?? 1500,
      restartMsMax: this.#options.restartMsMax ?? 3000,
      misfortunes: this.#options.misfortunes,
      tell: (what) => this.#tell(what),
    })
    await this.#pass(this.#options.durationMs)
    const recovery = nemesis.stop()
    await this.#pass(5000)
    await recovery
    for (const actor of actors.all) actor.stop()
    // What is still under way counts too, as something that may have happened.
    await this.#pass(PATIENCE_MS + 500)
    await this.#rest()
    this.#judge(actors)
    return this.#report(actors)
  }

  #actors() {
    const common = { cluster: this.#cluster, time: this.#time }
    const count = <T>(number: number, make: (i: number) => T): T[] =>
      Array.from({ length: number }, (_, i) => make(i + 1))
    const clients = count(
      4,
      (number) =>
        new SimulatedClient({
          ...common,
          number,
          random: this.#random.fork(),
          history: this.#history,
          keys: ['a', 'b', 'c', 'd', 'e'],
          pauseMs: 40,
          patienceMs: PATIENCE_MS,
        }),
    )
    const watchers = count(
      3,
      (i) => new SimulatedWatcher({ ...common, name: `watcher ${i}`, random: this.#random.fork() }),
    )
    const holders = count(2, (i) => {
      const random = this.#random.fork()
      return new LeaseHolder({ ...common, name: `holder ${i}`, random, clockSkew: CLOCK_SKEW })
    })
    return { watchers, holders, all: [...clients, ...holders] }
  }

  /** Until every member has everything, and the watchers too. */
  async #rest(): Promise<void> {
    const untilMs = this.#time.nowMs + RECOVERY_MS
    if (!(await this.#time.runUntil(untilMs, () => isAtRest(this.#cluster)))) {
      this.#violate(`the cluster did not come to rest: ${describe(this.#cluster)}`)
    }
    await this.#pass(1000)
  }

  #judge({ watchers, holders }: { watchers: SimulatedWatcher[]; holders: LeaseHolder[] }): void {
    for (const [key, operations] of this.#history.keys) {
      const verdict = judge(keyModel, operations)
      if (verdict === 'impossible') this.#violate(`the history of key ${key} is impossible`)
    }
    const backwards = this.#history.backwards()
    if (backwards !== undefined) {
      const [earlier, later] = backwards.map((operation) => JSON.stringify(operation))
      this.#violate(`revisions run backwards: ${earlier} then ${later}`)
    }
    for (const { violations } of [...watchers, ...holders]) {
      for (const violation of violations) this.#violate(violation)
    }
    this.#compareMembers()
    this.#compareWatchers(watchers)
  }

  /** All members have the same keys with the same history, where none of them has forgotten it. */
  #compareMembers(): void {
    const [first, ...others] = membersOf(this.#cluster)
    const known = first && keysOf(first)
    for (const other of others) {
      const found = keysOf(other)
      if (found !== known)
        this.#violate(`m${first?.id} and m${other.id} differ: ${known} and ${found}`)
    }
  }

  #compareWatchers(watchers: readonly SimulatedWatcher[]): void {
    const machine = this.#cluster.leader?.member?.machine
    if (machine === undefined) return
    const from = Math.max(machine.mvcc.compactRevision + 1, 2)
    const truth = machine.mvcc.log.read(from, Number.POSITIVE_INFINITY).map((record) => {
      const revision = record.kv.modRevision
      return {
        revision,
        line: `${revision} ${record.isTombstone ? 'delete' : 'put'} ${record.kv.key}`,
      }
    })
    for (const watcher of watchers) {
      for (const violation of compareWatch(watcher, truth, from)) this.#violate(violation)
    }
  }

  #report({ watchers, holders }: { watchers: SimulatedWatcher[]; holders: LeaseHolder[] }) {
    let unanswered = 0
    for (const [, operations] of this.#history.keys) {
      unanswered += operations.filter(({ answer }) => answer === undefined).length
    }
    return {
      seed: this.#options.seed,
      violations: this.#violations,
      operations: this.#history.size,
      unanswered,
      watchEvents: watchers.reduce((sum, { events }) => sum + events.length, 0),
      renewals: holders.reduce((sum, { renewals }) => sum + renewals, 0),
      events: this.#time.events,
    }
  }

  async #pass(ms: number): Promise<void> {
    await this.#time.runUntil(this.#time.nowMs + ms)
  }

  #violate(violation: string): void {
    this.#tell(`VIOLATION ${violation}`)
    if (this.#violations.length < VIOLATIONS_MAX) this.#violations.push(violation)
  }

  #tell(what: string): void {
    this.#options.tell?.(`${this.#time.nowMs.toFixed(1).padStart(9)} ${what}`)
  }
}

/** The machines whose members belong to the cluster, by what its leader says. */
function membersOf({ machines, leader }: SimulatedCluster): SimulatedMachine[] {
  const members = leader?.member?.membership.members ?? []
  return machines.filter(({ id }) => members.some((member) => member.id === id))
}

/** One leader, and everybody has applied what it has. */
function isAtRest(cluster: SimulatedCluster): boolean {
  const { leader } = cluster
  if (leader?.member === undefined) return false
  const { applied, lastIndex } = leader.member.raftStatus
  if (applied < lastIndex) return false
  return membersOf(cluster).every(
    ({ member }) => member?.raftStatus.applied === applied && member.leader === leader.id,
  )
}

function keysOf({ member }: SimulatedMachine): string {
  if (member === undefined) return 'nothing'
  const { mvcc } = member.machine
  const lines: string[] = []
  for (const { kv } of mvcc.index.all()) {
    lines.push(`${kv.key}@${kv.createRevision}-${kv.modRevision}=${Buffer.from(kv.value)}`)
  }
  return `revision ${mvcc.revision}, compacted ${mvcc.compactRevision}: ${lines.join(' ')}`
}

const describe = ({ machines }: SimulatedCluster): string =>
  machines
    .map(({ id, member, stopReason }) => {
      if (member === undefined) return `m${id} stopped: ${String(stopReason)}`
      const { role, term, commit, applied, leader } = member.raftStatus
      return `m${id} ${role} of m${leader} in ${term}, committed ${commit}, applied ${applied}`
    })
    .join('; ')
