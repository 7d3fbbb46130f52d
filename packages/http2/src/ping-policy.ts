import type { Clock } from './clock.js'

/** A connection without calls may be asked for a sign of life this often. */
const WITHOUT_STREAMS_MS = 2 * 3_600_000
/** So many pings too early are forgiven. */
const STRIKES_MAX = 2

/**
 * Who asks too often whether we are still there. Source: gRPC's keepalive enforcement: whoever is
 * being sent something may ask as it likes, it may be measuring how fast that comes.
 */
export class PingPolicy {
  readonly #clock: Clock
  readonly #minIntervalMs: number
  #lastMs = Number.NEGATIVE_INFINITY
  #strikes = 0

  constructor(clock: Clock, minIntervalMs: number) {
    this.#clock = clock
    this.#minIntervalMs = minIntervalMs
  }

  /** False: it is too much. */
  admits(hasSentSinceLast: boolean, openStreams: number): boolean {
    const nowMs = this.#clock.now()
    const intervalMs = openStreams > 0 ? this.#minIntervalMs : WITHOUT_STREAMS_MS
    if (hasSentSinceLast) this.#strikes = 0
    else if (nowMs < this.#lastMs + intervalMs) this.#strikes++
    this.#lastMs = nowMs
    return this.#strikes <= STRIKES_MAX
  }
}
