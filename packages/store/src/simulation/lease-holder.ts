import { StoreError } from '../errors.js'
import type { EtcdServer } from '../rpc/etcd-server.js'
import type { SeededRandom } from './seeded-random.js'
import type { SimulatedTime } from './simulated-clock.js'
import type { SimulatedCluster } from './simulated-cluster.js'

export interface LeaseHolderOptions {
  readonly name: string
  readonly cluster: SimulatedCluster
  readonly time: SimulatedTime
  readonly random: SeededRandom
  /** Clocks are wrong by this part of the time that passes. */
  readonly clockSkew: number
}

const TTL_SECONDS = 4
const PATIENCE_MS = 3000

/**
 * Holds a key by a lease. As long as a keep-alive was confirmed that was sent less than the TTL ago,
 * the key must be there: that is what leases promise.
 */
export class LeaseHolder {
  readonly violations: string[] = []
  /** Keep-alives that were confirmed. */
  renewals = 0
  readonly #options: LeaseHolderOptions
  #id: bigint | undefined
  #lives = 0
  /** Until when it must hold, by what was confirmed. */
  #heldUntilMs = 0
  #isStopped = false

  constructor(options: LeaseHolderOptions) {
    this.#options = options
    this.#later()
  }

  stop(): void {
    this.#isStopped = true
  }

  #later(): void {
    const { time, random } = this.#options
    time.after(random.between(100, 900), () => {
      if (!this.#isStopped) void this.#act().finally(() => this.#later())
    })
  }

  async #act(): Promise<void> {
    const { cluster, random } = this.#options
    const server =
      cluster.running.length > 0 ? random.pick(cluster.running).member?.server : undefined
    if (server === undefined) return
    if (this.#id === undefined) await this.#begin(server)
    else if (random.chance(0.5)) await this.#renew(server, this.#id)
    else await this.#look(server)
  }

  async #begin(server: EtcdServer): Promise<void> {
    const id = BigInt(this.#options.random.below(1_000_000) + 1) * 1000n + BigInt(++this.#lives)
    const began = this.#options.time.nowMs
    const granted = await this.#wait(server.leaseGrant({ ttlSeconds: TTL_SECONDS, id }, {}))
    if (granted === undefined) return
    const put = { key: this.#key, value: Buffer.from(String(id)), lease: id }
    if ((await this.#wait(server.put(put, {}))) === undefined) return
    this.#id = id
    this.#hold(began)
  }

  async #renew(server: EtcdServer, id: bigint): Promise<void> {
    const sent = this.#options.time.nowMs
    const answer = await this.#wait(server.leaseKeepAlive(id, {}), (error) => {
      // It may be late, and about one that was given up.
      const isCurrent = this.#id === id
      if (error.code === 'LeaseNotFound' && isCurrent) this.#lost('a keep-alive found no lease')
    })
    if (answer === undefined || this.#id !== id) return
    this.renewals++
    this.#hold(sent)
  }

  async #look(server: EtcdServer): Promise<void> {
    const found = await this.#wait(server.range({ key: this.#key }, {}))
    if (found === undefined || found.kvs.length > 0) return
    this.#lost('the key is gone')
  }

  /** It is gone: was it gone too early? */
  #lost(what: string): void {
    const { time, name } = this.#options
    if (time.nowMs < this.#heldUntilMs) {
      const early = (this.#heldUntilMs - time.nowMs).toFixed(0)
      this.violations.push(`${name}: ${what}, ${early} ms before its lease may end`)
    }
    this.#id = undefined
  }

  get #key(): string {
    return `lease/${this.#options.name}/${this.#lives}`
  }

  #hold(sinceMs: number): void {
    const { clockSkew } = this.#options
    // A clock that is fast ends it sooner than it should: no server can know.
    this.#heldUntilMs = sinceMs + TTL_SECONDS * 1000 * (1 - 2 * clockSkew)
  }

  /** Undefined: refused, or not answered in time. */
  async #wait<T>(
    answer: Promise<T>,
    onRefused: (error: StoreError) => void = () => undefined,
  ): Promise<T | undefined> {
    const late = new Promise<undefined>((resolve) => {
      this.#options.time.after(PATIENCE_MS, () => resolve(undefined))
    })
    const settled = answer.catch((error: unknown) => {
      if (!(error instanceof StoreError)) throw error
      onRefused(error)
      return undefined
    })
    return Promise.race([settled, late])
  }
}
