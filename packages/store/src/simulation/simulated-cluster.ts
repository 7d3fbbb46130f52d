import { SimulatedDisk, type SimulatedDiskOptions } from '../disk/simulated-disk.js'
import { type Member, openMember } from '../node/member.js'
import type { Bootstrap, MemberOptions } from '../node/member-options.js'
import type { NodeId } from '../raft/types.js'
import type { Member as MemberInfo } from '../wire/cluster.js'
import type { SeededRandom } from './seeded-random.js'
import { MemberClock, type SimulatedTime } from './simulated-clock.js'
import type { SimulatedNetwork } from './simulated-network.js'

export interface ClusterOptions {
  readonly size: number
  readonly time: SimulatedTime
  readonly random: SeededRandom
  readonly network: SimulatedNetwork
  /** How slow the disks are, and what a crash leaves of what was not synced. */
  readonly disk: Omit<SimulatedDiskOptions, 'random' | 'clock'>
  /** A planted bug: disks say that they synced and did not. */
  readonly disksIgnoreSync: boolean
  /** How much faster or slower than time itself clocks may run: 0.01 is 1 %. */
  readonly clockSkew: number
  readonly member: Partial<MemberOptions>
  /** A member stopped by itself, and not because it was removed. */
  readonly onFailure: (what: string) => void
}

const CLUSTER_ID = 0xc1n

/** The members of a cluster, each on a machine of its own that can crash and come back. */
export class SimulatedCluster {
  readonly machines: SimulatedMachine[] = []
  readonly #options: ClusterOptions

  constructor(options: ClusterOptions) {
    this.#options = options
    const founders = Array.from({ length: options.size }, (_, i) => infoOf(BigInt(i + 1)))
    for (const { id } of founders) this.#addMachine(id, founders, true)
  }

  get running(): SimulatedMachine[] {
    return this.machines.filter(({ member }) => member !== undefined)
  }

  /** Of those that believe to lead, the one with the highest term. */
  get leader(): SimulatedMachine | undefined {
    return this.running
      .filter(({ member }) => member?.leader === member?.id)
      .sort((a, b) => (b.member?.raftStatus.term ?? 0) - (a.member?.raftStatus.term ?? 0))[0]
  }

  async start(): Promise<void> {
    await Promise.all(this.machines.map((machine) => machine.start()))
  }

  /** A machine for a member that was added to the cluster. */
  addMachine(info: MemberInfo, members: readonly MemberInfo[]): SimulatedMachine {
    return this.#addMachine(info.id, members, false)
  }

  #addMachine(id: NodeId, members: readonly MemberInfo[], isNewCluster: boolean): SimulatedMachine {
    const bootstrap = { memberId: id, clusterId: CLUSTER_ID, members, isNewCluster }
    const machine = new SimulatedMachine(this.#options, bootstrap)
    this.machines.push(machine)
    return machine
  }
}

const infoOf = (id: NodeId): MemberInfo => ({
  id,
  name: `m${id}`,
  peerUrls: [`http://m${id}:2380`],
  clientUrls: [],
  isLearner: false,
})

/** What one member runs on. */
export class SimulatedMachine {
  readonly id: NodeId
  member: Member | undefined
  /** Why its member stopped by itself, if it did. */
  stopReason: unknown
  readonly #options: ClusterOptions
  readonly #bootstrap: Bootstrap
  #disk: SimulatedDisk
  readonly #random: SeededRandom
  #clock: MemberClock | undefined
  #run = 0
  #isStarting = false

  constructor(options: ClusterOptions, bootstrap: Bootstrap) {
    this.id = bootstrap.memberId
    this.#options = options
    this.#bootstrap = bootstrap
    this.#random = options.random.fork()
    this.#disk = new SimulatedDisk({
      ...options.disk,
      random: this.#random.fork(),
      clock: new MemberClock(options.time),
    })
    this.#disk.ignoresSync = options.disksIgnoreSync
  }

  get isRunning(): boolean {
    return this.member !== undefined
  }

  /** Whether there is a sense in starting it: not twice, nor once its member was removed. */
  get mayRun(): boolean {
    return this.stopReason === undefined && !this.#isStarting
  }

  get disk(): SimulatedDisk {
    return this.#disk
  }

  /** Opens what the disk has. That it can't is told as a failure. */
  async start(): Promise<void> {
    const run = ++this.#run
    this.#isStarting = true
    try {
      await this.#start(run)
    } catch (error) {
      // What it finds on its disk is no log of a member.
      if (run === this.#run) this.#fail(error)
    } finally {
      if (run === this.#run) this.#isStarting = false
    }
  }

  async #start(run: number): Promise<void> {
    const { time, network, clockSkew, member: options } = this.#options
    const skew = (this.#random.below(2001) / 1000 - 1) * clockSkew
    const clock = new MemberClock(time, { rate: 1 + skew, offsetMs: this.#random.below(5000) })
    this.#clock = clock
    const member = await openMember({
      name: `m${this.id}`,
      clientUrls: [`http://m${this.id}:2379`],
      bootstrap: async () => this.#bootstrap,
      openTransport: ({ id, handler }) => network.join(id, handler),
      random: this.#random.fork(),
      ...options,
      clock,
      yieldTurn: clock.yieldTurn,
      disk: this.#disk,
    })
    // It may have crashed while it was being opened.
    if (run !== this.#run) return
    this.member = member
    void member.stopped.then((reason) => this.#onStopped(member, reason))
  }

  /** At this very moment nothing of it happens any more. */
  crash(): void {
    this.#run++
    this.#isStarting = false
    this.#clock?.stop()
    this.#options.network.leave(this.id)
    this.#disk = this.#disk.crash()
    this.#disk.ignoresSync = this.#options.disksIgnoreSync
    this.member = undefined
  }

  #onStopped(member: Member, reason: unknown): void {
    if (this.member === member) this.#fail(reason)
  }

  #fail(reason: unknown): void {
    this.stopReason = reason
    if (reason !== 'removed') this.#options.onFailure(`m${this.id} stopped: ${String(reason)}`)
    this.crash()
  }
}
