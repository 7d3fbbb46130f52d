import {
  BrokenPipe,
  type Clock,
  type CommandSession,
  type CommandStreams,
  internalError,
  type StreamOptions,
} from '@miniplane/api'
import { programFor } from '../container/execute.js'
import { SUCCESS } from '../container/exit-status.js'
import type { Inside } from '../container/machine.js'
import { programs } from '../container/programs/programs.js'
import { replay } from '../container/replay.js'
import { containerNamed } from '../pod/container-run.js'
import { type CommandContext, runProgram } from './command.js'

/**
 * The streams of a container's own process. One that reads its input waits for whoever attaches: it
 * begins then, and the container ends with it. Of any other, what it prints from now on is shown.
 */
export const attachSession = (
  context: CommandContext,
  { stdin }: StreamOptions,
): CommandSession => ({
  async run(streams) {
    const { worker, container } = context.running
    const takesInput = stdin && containerNamed(worker.pod, container.name).stdin === true
    try {
      const inside = await context.inside()
      if (takesInput) await runHeld(context, inside, streams)
      else await show(inside, streams, context)
      return SUCCESS
    } catch (error) {
      if (error instanceof BrokenPipe) return SUCCESS
      context.log.error('attaching to a hollow container failed', { error })
      return internalError(error).status
    }
  },
})

async function runHeld(
  context: CommandContext,
  inside: Inside,
  streams: CommandStreams,
): Promise<void> {
  const { worker, container, signal } = context.running
  const [name = ''] = inside.command
  const program = programFor({ programs }, name)
  const release = worker.hold(container)
  try {
    if (!program) await gone(AbortSignal.any([streams.signal, signal]))
    else {
      const code = await runProgram(program, inside.command, inside, streams, context)
      if (!streams.signal.aborted && !signal.aborted) worker.exit(container, code)
    }
  } finally {
    release()
  }
}

async function show(
  inside: Inside,
  { stdout, stderr, signal }: CommandStreams,
  { clock, running }: CommandContext & { readonly clock: Clock },
): Promise<void> {
  const { container } = running
  const over = AbortSignal.any([signal, running.signal])
  const nowMs = clock.now()
  const span = { fromMs: container.sinceMs, endMs: undefined, follows: true }
  for await (const { timeMs, stream, bytes } of replay(inside, span, clock, over)) {
    if (timeMs <= nowMs) continue
    await (stream === 'stderr' ? stderr : stdout)?.write(bytes)
  }
  // It may have nothing more to say, and lives on.
  await gone(over)
}

const gone = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
