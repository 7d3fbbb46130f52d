import type { SeededRandom } from './seeded-random.js'
import type { SimulatedTime } from './simulated-clock.js'
import type { SimulatedCluster, SimulatedMachine } from './simulated-cluster.js'
import { calmNetwork, type SimulatedNetwork } from './simulated-network.js'

export interface NemesisOptions {
  readonly cluster: SimulatedCluster
  readonly network: SimulatedNetwork
  readonly time: SimulatedTime
  readonly random: SeededRandom
  /** Average time between two misfortunes. */
  readonly periodMs: number
  readonly tell: (what: string) => void
}

/** Everything that can go wrong, one thing after the other, as the seed has it. */
export class Nemesis {
  readonly #options: NemesisOptions
  #isStopped = false

  constructor(options: NemesisOptions) {
    this.#options = options
    this.#later()
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
    const { random } = this.#options
    const dice = random.below(12)
    if (dice < 3) this.#crash(random.pick(this.#machines))
    else if (dice < 4) this.#crashLeader()
    else if (dice < 7) this.#restartAll()
    else if (dice < 8) this.#cutOneWay()
    else if (dice < 9) this.#split()
    else if (dice < 10) this.#heal()
    else if (dice < 11) this.#disturb()
    else this.#crashAll()
  }

  get #machines(): readonly SimulatedMachine[] {
    return this.#options.cluster.machines
  }

  #crash(machine: SimulatedMachine): void {
    if (!machine.isRunning) return
    this.#options.tell(`m${machine.id} crashes`)
    machine.crash()
    const { time, random } = this.#options
    time.after(random.between(10, 3000), () => {
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
