import type { TxnRequest } from '../client/store-client.js'
import { StoreError } from '../errors.js'
import type { Answer, Call, History } from './history.js'
import type { SeededRandom } from './seeded-random.js'
import type { SimulatedTime } from './simulated-clock.js'
import type { SimulatedCluster, SimulatedMachine } from './simulated-cluster.js'

/** Refusals after which it is certain that nothing was done. */
const NOT_DONE: ReadonlySet<string> = new Set([
  'TooManyRequests',
  'NoLeader',
  'NotSupportedForLearner',
])

export interface ClientOptions {
  readonly number: number
  readonly cluster: SimulatedCluster
  readonly time: SimulatedTime
  readonly random: SeededRandom
  readonly history: History
  readonly keys: readonly string[]
  /** Longest pause between two requests. */
  readonly pauseMs: number
  /** A client waits no longer; what became of its request it never learns. */
  readonly patienceMs: number
}

/** Asks one member after the other for this and that, and writes down what it is told. */
export class SimulatedClient {
  readonly #options: ClientOptions
  #machine: SimulatedMachine | undefined
  #requests = 0
  #isStopped = false

  constructor(options: ClientOptions) {
    this.#options = options
    this.#later()
  }

  stop(): void {
    this.#isStopped = true
  }

  #later(): void {
    const { time, random, pauseMs } = this.#options
    time.after(random.below(pauseMs), () => {
      if (!this.#isStopped) void this.#ask().finally(() => this.#later())
    })
  }

  async #ask(): Promise<void> {
    const { cluster, random, keys, time, history, number: client } = this.#options
    const { running } = cluster
    if (running.length === 0) return
    if (this.#machine?.isRunning !== true || random.chance(0.05))
      this.#machine = random.pick(running)
    const key = random.pick(keys)
    const call = this.#nextCall()
    const calledAt = time.nowMs
    const answer = await this.#send(this.#machine, key, call)
    if (answer === 'not done') return
    if (call.kind === 'get' && answer === undefined) return
    history.add(key, { client, call, calledAt, answer, answeredAt: time.nowMs })
  }

  #nextCall(): Call {
    const { random, number } = this.#options
    const value = `${number}.${++this.#requests}`
    const dice = random.below(10)
    if (dice < 4) return { kind: 'get' }
    if (dice < 8) return { kind: 'put', value }
    if (dice < 9) return { kind: 'delete' }
    const mine = `${number}.${1 + random.below(this.#requests)}`
    return { kind: 'swap', ifValue: random.chance(0.3) ? undefined : mine, value }
  }

  /** Undefined: it is not known what happened. */
  #send(
    machine: SimulatedMachine,
    key: string,
    call: Call,
  ): Promise<Answer | 'not done' | undefined> {
    const { time, patienceMs } = this.#options
    const server = machine.member?.server
    return new Promise((resolve) => {
      const timeout = time.after(patienceMs, () => resolve(undefined))
      perform(server, key, call).then(
        (answer) => {
          timeout.cancel()
          resolve(answer)
        },
        (error: unknown) => {
          timeout.cancel()
          if (!(error instanceof StoreError)) throw error
          resolve(NOT_DONE.has(error.code) ? 'not done' : undefined)
        },
      )
    })
  }
}

type Server = NonNullable<SimulatedMachine['member']>['server']

async function perform(server: Server | undefined, key: string, call: Call): Promise<Answer> {
  if (server === undefined) throw new StoreError({ code: 'NoLeader' })
  switch (call.kind) {
    case 'get': {
      const { header, kvs } = await server.range({ key }, {})
      const value = kvs[0] && Buffer.from(kvs[0].value).toString()
      return { revision: header.revision, value, modRevision: kvs[0]?.modRevision }
    }
    case 'put': {
      const { header } = await server.put({ key, value: Buffer.from(call.value) }, {})
      return { revision: header.revision }
    }
    case 'delete': {
      const { header, deleted } = await server.deleteRange({ key }, {})
      return { revision: header.revision, hasChanged: deleted > 0 }
    }
    case 'swap': {
      const { header, succeeded } = await server.txn(swap(key, call.ifValue, call.value), {})
      return { revision: header.revision, hasChanged: succeeded }
    }
  }
}

const swap = (key: string, ifValue: string | undefined, value: string): TxnRequest => ({
  compare: [
    ifValue === undefined
      ? { key, target: 'version', op: '=', operand: 0 }
      : { key, target: 'value', op: '=', operand: Buffer.from(ifValue) },
  ],
  success: [{ type: 'put', key, value: Buffer.from(value) }],
})
