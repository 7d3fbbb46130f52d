/** Where bytes go. */
export interface ByteSink {
  /**
   * Resolves when more may be written. Rejects with `BrokenPipe` when nobody reads any more.
   * Ownership: `bytes` belong to the sink from then on.
   */
  write(bytes: Uint8Array): Promise<void>
  /** Nothing more comes. May be called again. */
  end(): void
}

/** Nobody reads what is written any more. */
export class BrokenPipe extends Error {
  override readonly name = 'BrokenPipe'

  constructor() {
    super('broken pipe')
  }
}

const ROOM_BYTES = 256 * 1024

/**
 * Bytes from a writer to one reader, in order. What is written waits to be read; a writer waits while
 * more than `roomBytes` do. Who stops reading early (`break`) breaks the pipe.
 */
export class BytePipe implements ByteSink, AsyncIterable<Uint8Array> {
  readonly #roomBytes: number
  readonly #onRead: ((count: number) => void) | undefined
  #queue: Uint8Array[] = []
  #queuedBytes = 0
  #isEnded = false
  #isBroken = false
  #wakeReader: (() => void) | undefined
  #writers: (() => void)[] = []

  /** `onRead` hears how many bytes the reader has taken, each time. */
  constructor(roomBytes = ROOM_BYTES, onRead?: (count: number) => void) {
    this.#roomBytes = roomBytes
    this.#onRead = onRead
  }

  /** Bytes that wait to be read. */
  get queuedBytes(): number {
    return this.#queuedBytes
  }

  get isEnded(): boolean {
    return this.#isEnded
  }

  async write(bytes: Uint8Array): Promise<void> {
    if (this.#isBroken || this.#isEnded) throw new BrokenPipe()
    if (bytes.length === 0) return
    this.#queue.push(bytes)
    this.#queuedBytes += bytes.length
    this.#wake()
    while (this.#queuedBytes > this.#roomBytes && !this.#isBroken)
      await new Promise<void>((resolve) => this.#writers.push(resolve))
    if (this.#isBroken) throw new BrokenPipe()
  }

  end(): void {
    this.#isEnded = true
    this.#wake()
  }

  /** Nobody will read any more: what waits is dropped, and writers hear of it. */
  break(): void {
    this.#isBroken = true
    this.#queue = []
    this.#queuedBytes = 0
    this.#wakeWriters()
    this.#wake()
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array, void, void> {
    try {
      for (;;) {
        const bytes = this.#queue.shift()
        if (bytes) {
          this.#queuedBytes -= bytes.length
          this.#onRead?.(bytes.length)
          if (this.#queuedBytes <= this.#roomBytes) this.#wakeWriters()
          yield bytes
        } else if (this.#isEnded || this.#isBroken) return
        else
          await new Promise<void>((resolve) => {
            this.#wakeReader = resolve
          })
      }
    } finally {
      this.break()
    }
  }

  #wake(): void {
    const wake = this.#wakeReader
    this.#wakeReader = undefined
    wake?.()
  }

  #wakeWriters(): void {
    const writers = this.#writers
    this.#writers = []
    for (const resume of writers) resume()
  }
}
