import { MAX_31_BITS } from './frames.js'

/** What the peer takes: bytes we may still send. Source: RFC 9113, 5.2 and 6.9. */
export class SendWindow {
  /** Below 0 when the peer has changed its mind. */
  available: number

  constructor(size: number) {
    this.available = size
  }

  /** False: the window would be larger than one may be. */
  grow(bytes: number): boolean {
    this.available += bytes
    return this.available <= MAX_31_BITS
  }
}

/** What we take. It opens again as bytes are used, by halves: a frame a time would be a waste. */
export class ReceiveWindow {
  readonly #size: number
  #available: number
  #used = 0

  constructor(size: number, available: number = size) {
    this.#size = size
    this.#available = available
  }

  /** False: more than was allowed. */
  take(bytes: number): boolean {
    this.#available -= bytes
    return this.#available >= 0
  }

  /** Answers by how much to open the window now: mostly not at all. */
  use(bytes: number): number {
    this.#used += bytes
    if (this.#used * 2 < this.#size) return 0
    const increment = this.#used
    this.#used = 0
    this.#available += increment
    return increment
  }
}
