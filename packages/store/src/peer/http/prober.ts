import type { Clock, Timer } from '../../clock.js'
import type { Histogram } from '../../metrics/metrics.js'
import type { PeerLimits } from './limits.js'
import type { Peer } from './peer.js'
import { type PeerClient, readBody, responseTo } from './peer-client.js'

export const PROBE_PATH = '/raft/probing'

export interface ProberOptions {
  readonly clock: Clock
  readonly limits: PeerLimits
  readonly client: PeerClient
}

/** Measures how long the way to each peer and back takes. */
export class Prober {
  readonly #options: ProberOptions
  readonly #timers = new Map<Peer, Timer>()

  constructor(options: ProberOptions) {
    this.#options = options
  }

  add(peer: Peer, seconds: Histogram): void {
    const { clock, limits } = this.#options
    const next = (): void => {
      this.#timers.set(
        peer,
        clock.setTimer(limits.probeMs, () => {
          next()
          if (peer.activeSinceMs !== undefined) void this.#probe(peer, seconds)
        }),
      )
    }
    next()
  }

  remove(peer: Peer): void {
    this.#timers.get(peer)?.cancel()
    this.#timers.delete(peer)
  }

  close(): void {
    for (const peer of [...this.#timers.keys()]) this.remove(peer)
  }

  async #probe(peer: Peer, seconds: Histogram): Promise<void> {
    const { clock, limits, client } = this.#options
    const startMs = clock.now()
    try {
      const request = client.open({ url: peer.urls.current, path: PROBE_PATH, method: 'GET' })
      request.end()
      const response = await responseTo(request, clock, limits.dialTimeoutMs)
      await readBody(response, ANSWER_BYTES_MAX, clock, limits.dialTimeoutMs)
      seconds.observe((clock.now() - startMs) / 1000)
    } catch {
      // Whether the peer is reachable, its streams know; a probe that is lost measures nothing.
      return
    }
  }
}

const ANSWER_BYTES_MAX = 4096
