import type { KeyRange } from '../../key-range.js'
import type { WatchObserver, WatchOptions, WatchSubscription } from '../../store-client.js'
import { backOffMs, type Waits } from '../back-off.js'
import type { GrpcLimits } from '../options.js'
import type { RemoteWatch } from './remote-watch.js'

/** What it takes to find out how far the watches of a stream are. */
export interface ProgressHost {
  readonly limits: GrpcLimits
  readonly waits: Waits
  /** The present one. */
  stream(): { requestProgress(): void } | undefined
  /** Watches that the server knows of and whose owners wait to hear. */
  wanting(): readonly RemoteWatch[]
  serverVersion(): Promise<string>
  /** The store's revision, from all of the cluster. */
  currentRevision(range: KeyRange): Promise<number>
  subscribe(range: KeyRange, observer: WatchObserver, options: WatchOptions): WatchSubscription
}

/**
 * Finds out, on request, up to which revision watches have received everything.
 *
 * A server since 3.4.31 and 3.5.13 answers a progress request when all watches of the stream are
 * synced, behind their events. Before, its answer may overtake events. Such a server is asked in
 * another way: a further watch begins at the store's present revision. Its event goes through the
 * same queue, so everything that synced watches are to know of the past comes before it. A watch
 * that is not yet synced is read from history at the latest together with the first such watch,
 * and so before a second one.
 */
export class Progress {
  readonly #host: ProgressHost
  #isAsking = false
  #onAnswer: () => void = () => {}

  constructor(host: ProgressHost) {
    this.#host = host
  }

  /** Asks until nobody waits any more. */
  request(): void {
    if (this.#isAsking) return
    this.#isAsking = true
    void this.#askAll()
  }

  /** As long as there is a stream: on the next one, whoever still waits asks again. */
  async #askAll(): Promise<void> {
    let failures = 0
    while (this.#host.stream() !== undefined && this.#host.wanting().length > 0) {
      try {
        await this.#ask()
        failures = 0
      } catch {
        // The server may serve in a while; if it does not, the stream breaks.
        await this.#host.waits.wait(backOffMs(failures++, this.#host.limits))
      }
    }
    this.#isAsking = false
  }

  async #ask(): Promise<void> {
    const stream = this.#host.stream()
    if (stream === undefined) return
    const isOrdered = answersInOrder(await this.#host.serverVersion())
    while (stream === this.#host.stream() && this.#host.wanting().length > 0) {
      if (isOrdered) await this.#requestOnce(stream)
      else await this.#probe(stream)
    }
  }

  /** A server whose watches are not all synced does not answer, and is asked again. */
  async #requestOnce(stream: { requestProgress(): void }): Promise<void> {
    const answered = new Promise<void>((resolve) => {
      this.#onAnswer = resolve
    })
    stream.requestProgress()
    await this.#host.waits.atMost(this.#host.limits.progressRetryMs, answered)
  }

  /** The server has answered a request. */
  answered(): void {
    this.#onAnswer()
  }

  async #probe(stream: object): Promise<void> {
    const watches = this.#host.wanting()
    const [first] = watches
    if (first === undefined) return
    const revision = await this.#host.currentRevision(first.range)
    const probes = watches.every(({ isSynced }) => isSynced) ? 1 : 2
    // Nothing has ever been written at revision 1.
    for (let n = 0; n < probes && revision > 1; n++) {
      if (!(await this.#sees(revision)) && !(await this.#sees(1))) return
    }
    if (stream !== this.#host.stream()) return
    for (const watch of watches) {
      if (!watch.isCreated) continue
      watch.isSynced = true
      if (watch.wantsProgress) watch.progressed(revision)
    }
  }

  /**
   * Waits until a watch from `revision` has been told something: an event, or that the revision is
   * compacted. False: nothing came, as when the revision's only event is compacted away.
   */
  async #sees(revision: number): Promise<boolean> {
    let subscription: WatchSubscription | undefined
    let hasSeen = false
    const seen = new Promise<void>((resolve) => {
      const observer: WatchObserver = {
        onBatch() {
          hasSeen = true
          resolve()
        },
        onEnd({ reason }) {
          hasSeen ||= reason === 'compacted'
          resolve()
        },
      }
      subscription = this.#host.subscribe(EVERYTHING, observer, { startRevision: revision })
    })
    await this.#host.waits.atMost(PROBE_TIMEOUT_MS, seen)
    subscription?.cancel()
    return hasSeen
  }
}

const EVERYTHING: KeyRange = { key: '\0', rangeEnd: '\0' }

/** etcd reads history for new watches every 100 ms. */
const PROBE_TIMEOUT_MS = 1000

/** Source: Kubernetes, storage/feature: which releases of etcd have sound progress requests. */
export function answersInOrder(version: string): boolean {
  const [major = 0, minor = 0, patch = 0] = version
    .split('.')
    .map((part) => Number.parseInt(part, 10))
  if (major !== 3) return major > 3
  if (minor === 4) return patch >= 31
  if (minor === 5) return patch >= 13
  return minor > 5
}
