import { BrokenPipe, BytePipe, type ByteSink } from '@miniplane/api'
import { limits } from '../limits.js'

const CTRL_C = 0x03
const CTRL_D = 0x04
const BACKSPACE = 0x08
const NEWLINE = 0x0a
const RETURN = 0x0d
const CTRL_U = 0x15
const DELETE = 0x7f
const ERASE = '\b \b'

/**
 * What the kernel does between a terminal and a process: shows what is typed, lets it be corrected, and
 * hands it on line by line; the output's newlines get their carriage returns.
 */
export class Terminal {
  readonly stdin = new BytePipe()
  readonly stdout: ByteSink
  readonly #screen: ByteSink
  readonly #interrupt: () => void
  #line: number[] = []

  /** `interrupt` is called at Ctrl-C. */
  constructor(screen: ByteSink, interrupt: () => void) {
    this.#screen = screen
    this.#interrupt = interrupt
    this.stdout = {
      write: (bytes) => screen.write(withReturns(bytes)),
      end: () => screen.end(),
    }
  }

  /** Resolves when the keyboard has nothing more to say. */
  async type(keyboard: AsyncIterable<Uint8Array>): Promise<void> {
    try {
      for await (const bytes of keyboard) for (const key of bytes) await this.#key(key)
    } catch (error) {
      // Nobody reads any more what is typed.
      if (!(error instanceof BrokenPipe)) throw error
    } finally {
      this.stdin.end()
    }
  }

  async #key(key: number): Promise<void> {
    switch (key) {
      case CTRL_C:
        this.#line = []
        await this.#show('^C\r\n')
        this.#interrupt()
        return
      case CTRL_D:
        if (this.#line.length === 0) this.stdin.end()
        else await this.#handOn()
        return
      case CTRL_U:
        await this.#show(ERASE.repeat(this.#line.length))
        this.#line = []
        return
      case BACKSPACE:
      case DELETE:
        if (this.#line.pop() !== undefined) await this.#show(ERASE)
        return
      case RETURN:
      case NEWLINE:
        this.#line.push(NEWLINE)
        await this.#show('\r\n')
        await this.#handOn()
        return
      default:
        if (this.#line.length >= limits.typedLineBytesMax) return
        this.#line.push(key)
        await this.#screen.write(Uint8Array.of(key))
    }
  }

  #show(text: string): Promise<void> {
    return text === '' ? Promise.resolve() : this.#screen.write(Buffer.from(text))
  }

  async #handOn(): Promise<void> {
    const line = Uint8Array.from(this.#line)
    this.#line = []
    await this.stdin.write(line)
  }
}

function withReturns(bytes: Uint8Array): Uint8Array {
  if (!bytes.includes(NEWLINE)) return bytes
  return Buffer.from(Buffer.from(bytes).toString('latin1').replaceAll('\n', '\r\n'), 'latin1')
}
