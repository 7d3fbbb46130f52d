import { type ChildProcess, spawn } from 'node:child_process'
import { eventually } from './eventually.js'

/** A program that goes on: what it says is read while it runs, and it can be told more. */
export class TalkingProgram implements AsyncDisposable {
  /** Both of its outputs, line by line. */
  readonly lines: string[] = []
  readonly ended: Promise<number | NodeJS.Signals>
  readonly #child: ChildProcess

  constructor(path: string, args: readonly string[], env: Readonly<Record<string, string>> = {}) {
    this.#child = spawn(path, args, { env: { ...process.env, ...env } })
    for (const stream of [this.#child.stdout, this.#child.stderr]) this.#read(stream)
    this.ended = new Promise((resolve, reject) => {
      this.#child.once('error', reject)
      this.#child.once('close', (code, signal) => resolve(signal ?? code ?? 0))
    })
  }

  tell(text: string): void {
    this.#child.stdin?.write(text)
  }

  /** Nothing more will be told. */
  endInput(): void {
    this.#child.stdin?.end()
  }

  kill(signal: NodeJS.Signals): void {
    this.#child.kill(signal)
  }

  /** Resolves with the first line that matches. */
  said(what: string | RegExp, timeoutMs = 15_000): Promise<string> {
    return eventually(() => {
      const matches = (line: string) => (typeof what === 'string' ? line === what : what.test(line))
      const line = this.lines.find(matches)
      if (line === undefined) throw new Error(`no ${what} in:\n${this.lines.join('\n')}`)
      return line
    }, timeoutMs)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.kill('SIGKILL')
    await this.ended
  }

  #read(stream: NodeJS.ReadableStream | null): void {
    let rest = ''
    stream?.setEncoding('utf8')
    stream?.on('data', (text: string) => {
      const lines = (rest + text).split('\n')
      rest = lines.pop() ?? ''
      this.lines.push(...lines)
    })
  }
}
