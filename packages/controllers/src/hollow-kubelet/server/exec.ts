import {
  BrokenPipe,
  type ByteSink,
  type Clock,
  type CommandSession,
  type CommandStreams,
  internalError,
  type Random,
  type Status,
} from '@miniplane/api'
import type { Log } from '@miniplane/client'
import { execute, programFor } from '../container/execute.js'
import { exitStatus, startFailure } from '../container/exit-status.js'
import { Input } from '../container/input.js'
import { LiveClock } from '../container/live-clock.js'
import { type Inside, machineOf } from '../container/machine.js'
import { Killed, type Process } from '../container/process.js'
import type { RunningContainer } from './running-container.js'

export interface ExecContext {
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  readonly running: RunningContainer
  readonly inside: () => Promise<Inside>
  readonly command: readonly string[]
}

/** As by SIGKILL. */
const KILLED_EXIT = 137
const EXEC_ID_BYTES = 32

/** A command beside the container's own process; it ends with its client or with the container. */
export const execSession = (context: ExecContext): CommandSession => ({
  async run(streams) {
    try {
      return await runCommand(context, streams)
    } catch (error) {
      if (error instanceof Killed || error instanceof BrokenPipe)
        return exitStatus(context.command, KILLED_EXIT)
      context.log.error('a command in a hollow container failed', { error })
      return internalError(error).status
    }
  },
})

async function runCommand(context: ExecContext, streams: CommandStreams): Promise<Status> {
  const { clock, random, running, command } = context
  const inside = await context.inside()
  const id = Buffer.from(random.bytes(EXEC_ID_BYTES)).toString('hex')
  const [name] = command
  if (name === undefined) return startFailure(id, 'args must not be empty')
  const signal = AbortSignal.any([streams.signal, running.signal])
  const machine = machineOf(inside, new LiveClock(clock, signal))
  const program = programFor({ machine }, name)
  if (!program) return startFailure(id, notExecutable(name))
  const stdin = streams.stdin ? new Input(streams.stdin) : Input.empty()
  const process: Process = {
    args: command,
    env: inside.env,
    directory: inside.directory,
    stdin,
    stdout: streams.stdout ?? NOWHERE,
    stderr: streams.stderr ?? streams.stdout ?? NOWHERE,
    machine,
    isTerminal: streams.resizes !== undefined,
  }
  try {
    return exitStatus(command, await untilKilled(execute(program, process), signal))
  } finally {
    stdin.close()
  }
}

const notExecutable = (name: string): string =>
  name.includes('/')
    ? `exec: ${JSON.stringify(name)}: stat ${name}: no such file or directory`
    : `exec: ${JSON.stringify(name)}: executable file not found in $PATH`

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
