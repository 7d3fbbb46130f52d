import { StoreError } from '../errors.js'
import type { Member } from '../node/member.js'
import type { SeededRandom } from './seeded-random.js'
import type { SimulatedTime } from './simulated-clock.js'
import type { SimulatedCluster, SimulatedMachine } from './simulated-cluster.js'
import { calmNetwork, type SimulatedNetwork } from './simulated-network.js'
import { YoungLeaders } from './young-leaders.js'

/**
 * `crashes`: of single machines, on a network that stays as it is, and of whoever has just given its
 * vote. `youngLeaders`: the same, but of whoever has just begun to lead.
 */
export type Misfortunes = 'all' | 'crashes' | 'youngLeaders'

export interface NemesisOptions {
  readonly cluster: SimulatedCluster
  readonly network: SimulatedNetwork
  readonly time: SimulatedTime
  readonly random: SeededRandom
  /** Average time between two misfortunes. */
  readonly periodMs: number
  /** Longest time until what crashed is started again. */
  readonly restartMsMax: number
  /** Default: all. */
  readonly misfortunes?: Misfortunes | undefined
  readonly tell: (what: string) => void
}

/** Everything that can go wrong, one thing after the other, as the seed has it. */
export class Nemesis {
  readonly #options: NemesisOptions
  #isStopped = false

  constructor(options: NemesisOptions) {
    this.#options = options
    this.#later()
    if (options.misfortunes === 'crashes') this.#lieInWaitForVoters()
    if (options.misfortunes === 'youngLeaders') this.#lieInWaitForLeaders()
  }

  /** Whoever has just given its vote crashes, and is asked by others when it comes back. */
  #lieInWaitForVoters(): void {
    const { network, time, random } = this.#options
    network.onSent = ({ type, reject, from }) => {
      if (type !== 'MsgVoteResp' || reject || !random.chance(0.5)) return
      const voter = this.#machines.find(({ id }) => id === from)
      if (voter !== undefined && !this.#isStopped) time.after(0, () => this.#crash(voter))
    }
  }

  #lieInWaitForLeaders(): void {
    const { network, time, random } = this.#options
    new YoungLeaders({
      network,
      time,
      random,
      members: () => this.#machines.map(({ id }) => id),
      crash: (id) => {
        const leader = this.#machines.find((machine) => machine.id === id)
        if (leader !== undefined && !this.#isStopped) this.#crash(leader)
      },
    })
  }

  /** Ends all misfortunes: the network heals and every machine comes back. */
  async stop(): Promise<void> {
    this.#isStopped = true
    const { network, cluster } = this.#options
    network.heal()
    network.faults = calmNetwork
    await Promise.all(
      cluster.machines.filter((machine) => machine.mayRun).map((machine) => this.#start(machine)),
    )
  }

  #later(): void {
    const { time, random, periodMs } = this.#options
    time.after(random.below(2 * periodMs), () => {
      if (this.#isStopped) return
      this.#strike()
      this.#later()
    })
  }

  #strike(): void {
    const { random, misfortunes } = this.#options
    const dice = random.below(misfortunes === undefined || misfortunes === 'all' ? 15 : 4)
    if (dice < 3) this.#crash(random.pick(this.#machines))
    else if (dice < 4) this.#crashLeader()
    else if (dice < 7) this.#restartAll()
    else if (dice < 8) this.#cutOneWay()
    else if (dice < 9) this.#split()
    else if (dice < 10) this.#heal()
    else if (dice < 11) this.#disturb()
    else if (dice < 12) this.#compact()
    else if (dice < 14) void this.#changeMembers()
    else this.#crashAll()
  }

  get #machines(): readonly SimulatedMachine[] {
    return this.#options.cluster.machines
  }

  #crash(machine: SimulatedMachine): void {
    if (!machine.isRunning) return
    this.#options.tell(`m${machine.id} crashes`)
    machine.crash()
    const { time, random, restartMsMax } = this.#options
    time.after(random.between(1, restartMsMax), () => {
      if (!this.#isStopped) void this.#start(machine)
    })
  }

  #crashLeader(): void {
    const { leader } = this.#options.cluster
    if (leader !== undefined) this.#crash(leader)
  }

  #crashAll(): void {
    for (const machine of this.#machines) this.#crash(machine)
  }

  #restartAll(): void {
    for (const machine of this.#machines) void this.#start(machine)
  }

  async #start(machine: SimulatedMachine): Promise<void> {
    if (machine.isRunning || !machine.mayRun) return
    this.#options.tell(`m${machine.id} starts`)
    await machine.start()
  }

  #cutOneWay(): void {
    const { network, random, tell } = this.#options
    const from = random.pick(this.#machines)
    const to = random.pick(this.#machines)
    tell(`the way from m${from.id} to m${to.id} is cut`)
    network.cut(from.id, to.id)
  }

  #split(): void {
    const { network, random, tell } = this.#options
    const side = new Set(this.#machines.filter(() => random.chance(0.5)))
    tell(`${[...side].map(({ id }) => `m${id}`).join(' ')} are cut off from the others`)
    for (const a of this.#machines) {
      for (const b of this.#machines) if (side.has(a) !== side.has(b)) network.cut(a.id, b.id)
    }
  }

  /** Forgets history up to a little before now. */
  #compact(): void {
    const { cluster, random, tell } = this.#options
    const server = cluster.leader?.member?.server
    if (server === undefined) return
    const revision = server.header().revision - random.below(20)
    if (revision < 2) return
    tell(`compacts ${revision}`)
    server.compact(revision, {}, {}).catch(ignoreRefusal)
  }

  /** Takes one member out, or brings a new one in: a learner first, then a voter. */
  async #changeMembers(): Promise<void> {
    const { cluster, random, tell } = this.#options
    const member = cluster.leader?.member
    if (member === undefined) return
    const { members } = member.membership
    try {
      const learner = members.find(({ isLearner }) => isLearner)
      if (learner !== undefined) {
        tell(`promotes m${learner.id}`)
        await member.server.cluster.memberPromote(learner.id, {})
      } else if (members.length > 2 && random.chance(0.5)) {
        const { id } = random.pick(members)
        tell(`removes m${id}`)
        await member.server.cluster.memberRemove(id, {})
      } else if (members.length < 7) {
        await this.#addMember(member)
      }
    } catch (error) {
      ignoreRefusal(error)
    }
  }

  async #addMember(member: Member): Promise<void> {
    const { cluster, time, tell } = this.#options
    const url = `http://n${Math.floor(time.nowMs)}:2380`
    tell(`adds a learner at ${url}`)
    const added = await member.server.cluster.memberAdd([url], true, {})
    const machine = cluster.addMachine(added.member, added.members)
    await this.#start(machine)
  }

  #heal(): void {
    this.#options.tell('the network heals')
    this.#options.network.heal()
  }

  #disturb(): void {
    const { network, random, tell } = this.#options
    network.faults = random.chance(0.5)
      ? calmNetwork
      : {
          minDelayMs: 0.5,
          maxDelayMs: random.between(2, 80),
          loss: random.below(20) / 100,
          duplication: random.below(20) / 100,
          lateness: random.below(10) / 100,
        }
    const { loss, duplication, maxDelayMs } = network.faults
    tell(`the network loses ${loss}, doubles ${duplication}, takes up to ${maxDelayMs} ms`)
  }
}

/** What the store may refuse in trouble is not what is looked for here. */
function ignoreRefusal(error: unknown): void {
  if (!(error instanceof StoreError)) throw error
}
