import { PREFACE } from './frames.js'

/** The words that a client of HTTP/2 begins with, in whatever pieces they come. */
export class PrefaceReader {
  #readBytes = 0

  get isDone(): boolean {
    return this.#readBytes === PREFACE.length
  }

  /** How many of these bytes belong to it; undefined: they are something else's. */
  read(chunk: Buffer): number | undefined {
    const length = Math.min(PREFACE.length - this.#readBytes, chunk.length)
    const expected = PREFACE.subarray(this.#readBytes, this.#readBytes + length)
    if (!expected.equals(chunk.subarray(0, length))) return undefined
    this.#readBytes += length
    return length
  }
}
