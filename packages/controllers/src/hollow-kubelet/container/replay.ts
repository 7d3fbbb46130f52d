import {
  BrokenPipe,
  type ByteSink,
  type Clock,
  eventLoopTurn,
  ManualClock,
  sleep,
} from '@miniplane/api'
import { limits } from '../limits.js'
import type { CommandEnd } from '../pod/container-run.js'
import { execute, programFor } from './execute.js'
import { Input } from './input.js'
import { type Inside, machineOf } from './machine.js'
import { Killed, type ProcessClock } from './process.js'

/** A line of a container's output, or a part of one. */
export interface Output {
  readonly timeMs: number
  readonly stream: 'stdout' | 'stderr'
  readonly bytes: Uint8Array
}

/** When what a process does has to be known. */
export interface ReplaySpan {
  readonly fromMs: number
  /** When the process ended; absent: it runs. */
  readonly endMs: number | undefined
  /** Goes on as time does. Otherwise it is over when the present is reached. */
  readonly follows: boolean
}

const STEPS_PER_TURN = 256

/**
 * What the command of a container has printed: found out when somebody asks, by running it again with
 * the time that it had. So nothing runs while nobody looks, and a command prints the same each time as
 * long as it depends on nothing but the time.
 */
export async function* replay(
  inside: Inside,
  span: ReplaySpan,
  clock: Clock,
  signal: AbortSignal,
): AsyncGenerator<Output> {
  const queue = new OutputQueue()
  const time = new ReplayClock(span, clock, signal)
  const sinkTo = (stream: Output['stream']): ByteSink => ({
    write: async (bytes) => {
      if (time.isOver) throw new Killed()
      await queue.put({ timeMs: time.now(), stream, bytes })
    },
    end: () => undefined,
  })
  const [name = ''] = inside.command
  const machine = machineOf(inside, time)
  const program = programFor(machine, name)
  if (!program) return
  const running = execute(program, {
    args: inside.command,
    env: inside.env,
    directory: inside.directory,
    stdin: Input.empty(),
    stdout: sinkTo('stdout'),
    stderr: sinkTo('stderr'),
    machine,
    isTerminal: false,
  })
  running.then(
    () => queue.end(),
    (error: unknown) => queue.end(isExpected(error) ? undefined : error),
  )
  const onAbort = () => queue.end()
  signal.addEventListener('abort', onAbort, { once: true })
  try {
    yield* queue.take()
  } finally {
    signal.removeEventListener('abort', onAbort)
    time.stop()
    queue.break()
  }
}

/** What a shell ends with that didn't find a program, or could not run it: there it may well be one. */
const UNKNOWN_EXITS = new Set([126, 127])

/**
 * How the command of a container ends that begins at `fromMs`, found out in no time: one that goes on
 * beyond `endMs` does so for ever. Undefined when it does what nobody here knows.
 */
export async function commandEnd(
  inside: Inside,
  { fromMs, endMs }: { readonly fromMs: number; readonly endMs: number },
  signal: AbortSignal,
): Promise<CommandEnd | undefined> {
  const span = { fromMs, endMs, follows: false }
  const time = new ReplayClock(span, new ManualClock(endMs), signal, limits.commandStepsMax)
  const nowhere: ByteSink = { write: async () => time.step(), end: () => undefined }
  const machine = machineOf(inside, time)
  const program = programFor(machine, inside.command[0] ?? '')
  if (!program) return undefined
  const process = { args: inside.command, env: inside.env, directory: inside.directory }
  const streams = { stdin: Input.empty(), stdout: nowhere, stderr: nowhere, isTerminal: false }
  try {
    const code = await execute(program, { ...process, ...streams, machine })
    return UNKNOWN_EXITS.has(code) ? undefined : { exitCode: code, afterMs: time.now() - fromMs }
  } catch (error) {
    if (!isExpected(error)) throw error
    return signal.aborted ? undefined : { exitCode: 0, afterMs: Number.POSITIVE_INFINITY }
  } finally {
    time.stop()
  }
}

const isExpected = (error: unknown): boolean =>
  error instanceof Killed || error instanceof BrokenPipe

/** The time that a process had: it passes as fast as the process sleeps, up to the present. */
class ReplayClock implements ProcessClock {
  readonly #span: ReplaySpan
  readonly #clock: Clock
  readonly #stepsMax: number
  readonly #stopped = new AbortController()
  readonly #signal: AbortSignal
  #nowMs: number
  #steps = 0
  isOver = false

  constructor(
    span: ReplaySpan,
    clock: Clock,
    signal: AbortSignal,
    stepsMax: number = limits.replayStepsMax,
  ) {
    this.#stepsMax = stepsMax
    this.#span = span
    this.#clock = clock
    this.#nowMs = span.fromMs
    this.#signal = AbortSignal.any([signal, this.#stopped.signal])
  }

  now(): number {
    return this.#nowMs
  }

  stop(): void {
    this.isOver = true
    this.#stopped.abort()
  }

  async sleep(ms: number): Promise<void> {
    const { endMs, follows } = this.#span
    this.#nowMs += ms
    const presentMs = this.#clock.now()
    const isPast = this.#nowMs <= Math.min(presentMs, endMs ?? presentMs)
    if (isPast) return this.step()
    if (!follows || endMs !== undefined) {
      this.isOver = true
      throw new Killed()
    }
    try {
      await sleep(this.#clock, this.#nowMs - presentMs, this.#signal)
    } catch (error) {
      if (this.#signal.aborted) throw new Killed()
      throw error
    }
  }

  async step(): Promise<void> {
    if (this.#signal.aborted || this.isOver || ++this.#steps > this.#stepsMax) {
      this.isOver = true
      throw new Killed()
    }
    if (this.#steps % STEPS_PER_TURN === 0) await eventLoopTurn()
  }
}

/** From the processes of a container to one reader; they wait while much is not read. */
class OutputQueue {
  readonly #waiting: Output[] = []
  #isOver = false
  #isBroken = false
  #error: unknown
  #wakeReader: (() => void) | undefined
  #writers: (() => void)[] = []

  async put(output: Output): Promise<void> {
    if (this.#isOver || this.#isBroken) throw new BrokenPipe()
    this.#waiting.push(output)
    this.#wakeReader?.()
    while (this.#waiting.length > limits.logOutputsWaitingMax && !this.#isBroken)
      await new Promise<void>((resolve) => this.#writers.push(resolve))
  }

  end(error?: unknown): void {
    this.#isOver = true
    this.#error ??= error
    this.#wakeReader?.()
  }

  break(): void {
    this.#isBroken = true
    this.#wakeWriters()
  }

  #wakeWriters(): void {
    for (const resume of this.#writers.splice(0)) resume()
  }

  async *take(): AsyncGenerator<Output> {
    for (;;) {
      const output = this.#waiting.shift()
      if (output) {
        if (this.#waiting.length <= limits.logOutputsWaitingMax) this.#wakeWriters()
        yield output
      } else if (this.#isOver) {
        if (this.#error !== undefined) throw this.#error
        return
      } else
        await new Promise<void>((resolve) => {
          this.#wakeReader = resolve
        })
    }
  }
}
