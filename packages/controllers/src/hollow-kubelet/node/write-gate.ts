/** Lets so many writes through at once; the others wait their turn, first come, first served. */
export class WriteGate {
  readonly #max: number
  readonly #waiting: (() => void)[] = []
  #inFlight = 0

  constructor(max: number) {
    this.#max = max
  }

  async run<T>(write: () => Promise<T>): Promise<T> {
    if (this.#inFlight >= this.#max) await new Promise<void>((pass) => this.#waiting.push(pass))
    this.#inFlight++
    try {
      return await write()
    } finally {
      this.#inFlight--
      this.#waiting.shift()?.()
    }
  }
}
