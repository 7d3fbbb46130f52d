import { limits } from '../limits.js'
import { FileError } from './file-system.js'

const NEWLINE = 0x0a

/** Standard input: read by whoever has it just now, line by line or as it comes. */
export class Input {
  readonly #source: AsyncIterator<Uint8Array>
  #rest: Uint8Array = new Uint8Array()
  #isOver = false

  constructor(source: AsyncIterable<Uint8Array>) {
    this.#source = source[Symbol.asyncIterator]()
  }

  static empty(): Input {
    return Input.of(new Uint8Array())
  }

  static of(bytes: Uint8Array): Input {
    return new Input(
      (async function* () {
        yield bytes
      })(),
    )
  }

  /** What is there next, never empty and not more than `bytesMax`; undefined at the end. */
  async read(bytesMax = Number.POSITIVE_INFINITY): Promise<Uint8Array | undefined> {
    while (this.#rest.length === 0) {
      if (!(await this.#more())) return undefined
    }
    return this.#take(Math.min(this.#rest.length, bytesMax))
  }

  /** The next line with its newline, which only the last may lack; undefined at the end. Throws when it is too long. */
  async readLine(): Promise<Uint8Array | undefined> {
    let searched = 0
    for (;;) {
      const end = this.#rest.indexOf(NEWLINE, searched)
      if (end >= 0) return this.#take(end + 1)
      searched = this.#rest.length
      if (searched > limits.lineBytesMax) throw new FileError('Line too long')
      if (!(await this.#more())) return searched === 0 ? undefined : this.#take(searched)
    }
  }

  /** Everything that comes. Throws when that is more than `bytesMax`. */
  async readAll(bytesMax: number): Promise<Uint8Array> {
    const parts: Uint8Array[] = []
    let size = 0
    for (let part = await this.read(); part; part = await this.read()) {
      size += part.length
      if (size > bytesMax) {
        this.close()
        throw new FileError('File too large')
      }
      parts.push(part)
    }
    return Buffer.concat(parts)
  }

  /** Nobody reads any more. */
  close(): void {
    this.#isOver = true
    this.#rest = new Uint8Array()
    void this.#source.return?.()
  }

  #take(length: number): Uint8Array {
    const bytes = this.#rest.subarray(0, length)
    this.#rest = this.#rest.subarray(length)
    return bytes
  }

  async #more(): Promise<boolean> {
    if (this.#isOver) return false
    const { done, value } = await this.#source.next()
    if (done) {
      this.#isOver = true
      return false
    }
    this.#rest = this.#rest.length === 0 ? value : Buffer.concat([this.#rest, value])
    return true
  }
}
