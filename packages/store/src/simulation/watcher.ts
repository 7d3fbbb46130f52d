import type { WatchBatch, WatchSubscription } from '../client/store-client.js'
import { StoreError } from '../errors.js'
import type { Member } from '../node/member.js'
import type { SeededRandom } from './seeded-random.js'
import type { SimulatedTime } from './simulated-clock.js'
import type { SimulatedCluster, SimulatedMachine } from './simulated-cluster.js'

export interface WatcherOptions {
  readonly name: string
  readonly cluster: SimulatedCluster
  readonly time: SimulatedTime
  readonly random: SeededRandom
}

const LOOK_MS = 100

/** `revision type key`: enough to tell events apart. */
export type EventLine = string

/**
 * Follows all keys, as a client does: when its member goes away it goes on at another, after the
 * last revision that it was given; when history does not reach back that far, where it begins.
 */
export class SimulatedWatcher {
  readonly events: { readonly revision: number; readonly line: EventLine }[] = []
  /** Where it had to jump over what was compacted: [last seen, gone on from]. */
  readonly gaps: (readonly [number, number])[] = []
  readonly violations: string[] = []
  readonly #options: WatcherOptions
  #nextRevision = 1
  #member: Member | undefined
  #machine: SimulatedMachine | undefined
  #subscription: WatchSubscription | undefined
  #isStopped = false

  constructor(options: WatcherOptions) {
    this.#options = options
    this.#look()
  }

  /** The last revision whose events it has. */
  get revision(): number {
    return this.#nextRevision - 1
  }

  stop(): void {
    this.#isStopped = true
  }

  /** Whether it is still where it was; if not, it goes elsewhere. */
  #look(): void {
    const { time, cluster, random } = this.#options
    if (this.#isStopped) return
    const isLost = this.#member === undefined || this.#machine?.member !== this.#member
    if (isLost || random.chance(0.01)) this.#move(cluster.running)
    time.after(LOOK_MS, () => this.#look())
  }

  #move(running: readonly SimulatedMachine[]): void {
    this.#subscription?.cancel()
    this.#member = undefined
    if (running.length === 0) return
    this.#machine = this.#options.random.pick(running)
    const { member } = this.#machine
    if (member === undefined) return
    this.#member = member
    const observer = {
      onBatch: (batch: WatchBatch) => {
        if (this.#member === member) this.#take(batch)
      },
      onEnd: (end: { reason: string; compactRevision?: number }) => {
        if (this.#member !== member) return
        this.#member = undefined
        if (end.compactRevision !== undefined) this.#jump(end.compactRevision)
      },
    }
    const everything = { key: '\0', rangeEnd: '\0' }
    try {
      const options = { startRevision: this.#nextRevision }
      this.#subscription = member.server.subscribe(everything, observer, options, {})
    } catch (error) {
      if (!(error instanceof StoreError)) throw error
      this.#member = undefined
    }
  }

  #jump(compactRevision: number): void {
    if (compactRevision <= this.#nextRevision) return
    this.gaps.push([this.revision, compactRevision])
    this.#nextRevision = compactRevision
  }

  #take({ revision, events }: WatchBatch): void {
    if (events.length === 0) return
    if (revision < this.#nextRevision) {
      this.violations.push(`${this.#options.name} was given ${revision} after ${this.revision}`)
    }
    this.#nextRevision = revision + 1
    for (const { type, kv } of events) {
      this.events.push({ revision, line: `${revision} ${type} ${kv.key}` })
    }
  }
}

/**
 * What a watcher was given against what happened: every event once, in order. `truth` begins at
 * `from`.
 */
export function compareWatch(
  watcher: SimulatedWatcher,
  truth: readonly { readonly revision: number; readonly line: EventLine }[],
  from: number,
): string[] {
  const isCovered = (revision: number) =>
    revision >= from &&
    revision <= watcher.revision &&
    !watcher.gaps.some(([last, next]) => revision > last && revision < next)
  const given = watcher.events.filter(({ revision }) => revision >= from)
  const expected = truth.filter(({ revision }) => isCovered(revision))
  for (let i = 0; i < Math.max(given.length, expected.length); i++) {
    if (given[i]?.line === expected[i]?.line) continue
    return [`a watcher was given "${given[i]?.line}" where "${expected[i]?.line}" happened`]
  }
  return []
}
