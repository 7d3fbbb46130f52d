import {
  BrokenPipe,
  type ByteSink,
  type Clock,
  type CommandStreams,
  type Random,
} from '@miniplane/api'
import type { Log } from '@miniplane/client'
import { execute } from '../container/execute.js'
import { Input } from '../container/input.js'
import { LiveClock } from '../container/live-clock.js'
import { type Inside, machineOf } from '../container/machine.js'
import { Killed, type Program } from '../container/process.js'
import { Terminal } from '../container/terminal.js'
import type { RunningContainer } from './running-container.js'

export interface CommandContext {
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  readonly running: RunningContainer
  /** As it is now, with what was written into its files. */
  readonly inside: () => Promise<Inside>
}

/** As by SIGKILL, and by Ctrl-C. */
export const KILLED_EXIT = 137
const INTERRUPTED_EXIT = 130

/**
 * Runs a program inside a container, with its streams at a client. Resolves with its exit code; it is
 * killed when the client or the container goes.
 */
export async function runProgram(
  program: Program,
  args: readonly string[],
  inside: Inside,
  streams: CommandStreams,
  { clock, running }: CommandContext,
): Promise<number> {
  const interrupted = new AbortController()
  const signal = AbortSignal.any([streams.signal, running.signal, interrupted.signal])
  const { stdout = NOWHERE, stderr = stdout, resizes } = streams
  const terminal = resizes && new Terminal(stdout, () => interrupted.abort())
  const stdin = inputOf(streams, terminal)
  const exit = execute(program, {
    args,
    env: inside.env,
    directory: inside.directory,
    stdin,
    stdout: terminal?.stdout ?? stdout,
    stderr: terminal?.stdout ?? stderr,
    machine: machineOf(inside, new LiveClock(clock, signal)),
    isTerminal: terminal !== undefined,
  })
  try {
    return await untilKilled(exit, signal)
  } catch (error) {
    if (!(error instanceof Killed) && !(error instanceof BrokenPipe)) throw error
    return interrupted.signal.aborted ? INTERRUPTED_EXIT : KILLED_EXIT
  } finally {
    stdin.close()
  }
}

function inputOf({ stdin }: CommandStreams, terminal: Terminal | undefined): Input {
  if (!stdin) return Input.empty()
  if (!terminal) return new Input(stdin)
  void terminal.type(stdin)
  return new Input(terminal.stdin)
}

/** A process that waits for input does not look at the clock: it is left behind. */
function untilKilled(running: Promise<number>, signal: AbortSignal): Promise<number> {
  return new Promise((resolve, reject) => {
    const kill = () => reject(new Killed())
    if (signal.aborted) kill()
    signal.addEventListener('abort', kill, { once: true })
    running.then(resolve, reject).finally(() => signal.removeEventListener('abort', kill))
  })
}

const NOWHERE: ByteSink = { write: async () => undefined, end: () => undefined }
