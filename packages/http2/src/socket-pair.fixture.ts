import { Duplex } from 'node:stream'
import { turns } from './clock.fixture.js'

/** One end of a connection within the process. */
export class PairedSocket extends Duplex {
  other: PairedSocket | undefined
  /** How often somebody wrote: what the system would have been called for. */
  writes = 0
  /** Nobody reads at the other end: what is written waits. */
  isStuck = false
  #stuck: (() => void)[] = []

  override _read(): void {}

  override _write(chunk: Buffer, _: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#send([chunk], done)
  }

  override _writev(
    chunks: readonly { readonly chunk: Buffer }[],
    done: (error?: Error | null) => void,
  ): void {
    this.#send(
      chunks.map(({ chunk }) => chunk),
      done,
    )
  }

  #send(chunks: readonly Buffer[], done: () => void): void {
    this.writes++
    const send = () => {
      this.other?.push(Buffer.concat(chunks))
      done()
    }
    if (this.isStuck) this.#stuck.push(send)
    else send()
  }

  unstick(): void {
    this.isStuck = false
    const stuck = this.#stuck
    this.#stuck = []
    for (const send of stuck) send()
  }

  override _final(done: (error?: Error | null) => void): void {
    this.other?.push(null)
    done()
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    const { other } = this
    if (other !== undefined && !other.destroyed) turns(1).then(() => other.destroy())
    done(error)
  }
}

export function socketPair(): [client: PairedSocket, server: PairedSocket] {
  const [client, server] = [new PairedSocket(), new PairedSocket()]
  client.other = server
  server.other = client
  return [client, server]
}
