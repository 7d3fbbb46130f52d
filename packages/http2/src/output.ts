import type { Duplex } from 'node:stream'

/** What is smaller is copied: a write of its own would cost more. */
const COPIED_BYTES_MAX = 4096
const SLAB_BYTES_MIN = 2048
const SLAB_BYTES_MAX = 64 * 1024
const SLAB_BYTES_KEPT = 16 * 1024
/** Enough to keep a network busy; what is beyond it waits where it can still be ordered, or dropped. */
const FULL_BYTES = 128 * 1024

/**
 * What is on its way to a socket. All that is written in one turn, until nothing is left to do but to
 * wait for the system, leaves together; small things are joined, large ones go as they are.
 */
export class Output {
  readonly #socket: Duplex
  /** Where small things are written; from `#start` on it is not among the segments yet. */
  #slab: Buffer = EMPTY
  #start = 0
  #at = 0
  readonly #segments: Uint8Array[] = []
  #waitingBytes = 0
  #isScheduled = false
  #isBlocked = false
  #isClosed = false

  readonly #onDrained: () => void

  /** `onDrained` is called when the socket takes bytes again after it was full. */
  constructor(socket: Duplex, onDrained: () => void) {
    this.#socket = socket
    this.#onDrained = onDrained
    socket.on('drain', () => {
      this.#isBlocked = false
      onDrained()
    })
  }

  /** The socket has enough to do. */
  get isFull(): boolean {
    return this.#isBlocked || this.#waitingBytes >= FULL_BYTES
  }

  /** Bytes that the system did not take yet. */
  get waitingBytes(): number {
    return this.#waitingBytes + this.#socket.writableLength
  }

  /** Where so many bytes can be written: at `position` of `slab`, until `advance`. */
  reserve(bytes: number): Buffer {
    if (this.#slab.length - this.#at >= bytes) return this.#slab
    this.#closeSegment()
    // Who fills one at a time will fill a larger one, too.
    const size = this.#segments.length === 0 ? SLAB_BYTES_MIN : this.#slab.length * 2
    this.#slab = Buffer.allocUnsafe(Math.max(bytes, Math.min(size, SLAB_BYTES_MAX)))
    this.#start = 0
    this.#at = 0
    return this.#slab
  }

  get position(): number {
    return this.#at
  }

  /** The end of what was written to the slab. */
  advance(to: number): void {
    this.#waitingBytes += to - this.#at
    this.#at = to
    if (!this.#isScheduled) this.#schedule()
  }

  /** Nobody may write to the bytes from here on. */
  append(bytes: Uint8Array): void {
    if (bytes.length <= COPIED_BYTES_MAX) {
      const slab = this.reserve(bytes.length)
      slab.set(bytes, this.#at)
      this.advance(this.#at + bytes.length)
      return
    }
    this.#closeSegment()
    this.#segments.push(bytes)
    this.#waitingBytes += bytes.length
    if (!this.#isScheduled) this.#schedule()
  }

  close(): void {
    this.#isClosed = true
  }

  #schedule(): void {
    this.#isScheduled = true
    // After all that is due already, which may write more; a whole turn later it would be no cheaper.
    process.nextTick(this.flush)
  }

  readonly flush = (): void => {
    this.#isScheduled = false
    if (this.#waitingBytes === 0 || this.#isClosed) return
    this.#closeSegment()
    const wasFull = this.#waitingBytes >= FULL_BYTES
    this.#waitingBytes = 0
    const segments = this.#segments
    const socket = this.#socket
    if (segments.length === 1) this.#isBlocked = !socket.write(segments[0])
    else {
      socket.cork()
      for (const segment of segments) this.#isBlocked = !socket.write(segment)
      socket.uncork()
    }
    segments.length = 0
    // Not for a connection that rests.
    if (this.#slab.length > SLAB_BYTES_KEPT) {
      this.#slab = EMPTY
      this.#start = 0
      this.#at = 0
    }
    if (wasFull && !this.#isBlocked) this.#onDrained()
  }

  #closeSegment(): void {
    if (this.#at === this.#start) return
    this.#segments.push(this.#slab.subarray(this.#start, this.#at))
    this.#start = this.#at
  }
}

const EMPTY = Buffer.alloc(0)
