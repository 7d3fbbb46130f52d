import {
  BrokenPipe,
  type Clock,
  type Conversation,
  encodeJsonText,
  type Status,
} from '@miniplane/api'
import type { SpdyConnection } from '../spdy/connection.js'
import type { SpdyStream } from '../spdy/stream.js'
import { sayFarewell } from './farewell.js'
import { readResizes } from './resizes.js'

type Command = Extract<Conversation, { kind: 'command' }>

/** By the number of streams that a client opens: terminals can be resized from v3 on. */
export const COMMAND_PROTOCOLS = [
  'v4.channel.k8s.io',
  'v3.channel.k8s.io',
  'v2.channel.k8s.io',
  'channel.k8s.io',
]
/** Those that know no size of a terminal. */
const WITHOUT_RESIZE = new Set(['v2.channel.k8s.io', 'channel.k8s.io'])

const STREAMS_TIMEOUT_MS = 30_000

/** Lets a client talk to a process over one stream for each of its own. */
export class SpdyCommand {
  readonly #command: Command
  readonly #protocol: string
  readonly #wanted: ReadonlySet<string>
  readonly #streams = new Map<string, SpdyStream>()
  #begin: () => void = () => undefined

  constructor(command: Command, protocol: string) {
    const { stdin, stdout, stderr, tty } = command.options
    this.#command = command
    this.#protocol = protocol
    const wanted = { error: true, stdin, stdout, stderr: stderr && !tty }
    const resize = tty && !WITHOUT_RESIZE.has(protocol)
    this.#wanted = new Set(
      Object.entries({ ...wanted, resize }).flatMap(([name, isWanted]) => (isWanted ? [name] : [])),
    )
  }

  readonly onStream = (stream: SpdyStream): void => {
    const type = stream.headers.get('streamtype') ?? ''
    if (!this.#wanted.has(type) || this.#streams.has(type)) {
      stream.reset()
      return
    }
    this.#streams.set(type, stream)
    if (this.#streams.size === this.#wanted.size) this.#begin()
  }

  /** Resolves when the conversation is over. */
  async talk(connection: SpdyConnection, clock: Clock): Promise<void> {
    try {
      const isWhole = await this.#opened(connection.signal, clock)
      if (isWhole) {
        const text = this.#endText(await this.#run(connection.signal))
        await sayFarewell(clock, this.#tell(text), () => connection.cut())
      }
    } catch (error) {
      // A client that is gone needs no farewell.
      if (!(error instanceof BrokenPipe)) throw error
    } finally {
      connection.close()
    }
  }

  /** False: the client did not open its streams in time, or is gone. */
  #opened(signal: AbortSignal, clock: Clock): Promise<boolean> {
    if (this.#streams.size === this.#wanted.size) return Promise.resolve(true)
    return new Promise((resolve) => {
      const timer = clock.setTimer(STREAMS_TIMEOUT_MS, () => resolve(false))
      this.#begin = () => {
        timer.cancel()
        resolve(true)
      }
      signal.addEventListener('abort', () => {
        timer.cancel()
        resolve(false)
      })
    })
  }

  #run(signal: AbortSignal): Promise<Status> {
    const [stdin, stdout, stderr, resize] = ['stdin', 'stdout', 'stderr', 'resize'].map((type) =>
      this.#streams.get(type),
    )
    const { tty } = this.#command.options
    return this.#command.session.run({
      ...(stdin && { stdin: stdin.received }),
      ...(stdout && { stdout: stdout.sent }),
      ...(stderr && { stderr: stderr.sent }),
      ...(tty && { resizes: resize ? readResizes(resize.received) : nothing() }),
      signal,
    })
  }

  async #tell(text: string): Promise<void> {
    if (text !== '') await this.#streams.get('error')?.sent.write(Buffer.from(text))
    for (const stream of this.#streams.values()) stream.sent.end()
  }

  /** The older protocols have no `Status`: nothing is success, and anything else the reason. */
  #endText(status: Status): string {
    if (this.#protocol === COMMAND_PROTOCOLS[0]) return encodeJsonText(status)
    return status.status === 'Success' ? '' : (status.message ?? '')
  }
}

async function* nothing(): AsyncGenerator<never> {}
