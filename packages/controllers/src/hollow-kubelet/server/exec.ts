import {
  type CommandSession,
  type CommandStreams,
  internalError,
  type Status,
} from '@miniplane/api'
import { programFor } from '../container/execute.js'
import { exitStatus, startFailure } from '../container/exit-status.js'
import { programs } from '../container/programs/programs.js'
import { type CommandContext, runProgram } from './command.js'

const EXEC_ID_BYTES = 32

/** A command beside the container's own process; it ends with its client or with the container. */
export const execSession = (
  context: CommandContext,
  command: readonly string[],
): CommandSession => ({
  async run(streams) {
    try {
      return await runCommand(context, command, streams)
    } catch (error) {
      context.log.error('a command in a hollow container failed', { error })
      return internalError(error).status
    }
  },
})

async function runCommand(
  context: CommandContext,
  command: readonly string[],
  streams: CommandStreams,
): Promise<Status> {
  const inside = await context.inside()
  const id = Buffer.from(context.random.bytes(EXEC_ID_BYTES)).toString('hex')
  const [name] = command
  if (name === undefined) return startFailure(id, 'args must not be empty')
  const program = programFor({ programs }, name)
  if (!program) return startFailure(id, notExecutable(name))
  return exitStatus(command, await runProgram(program, command, inside, streams, context))
}

const notExecutable = (name: string): string =>
  name.includes('/')
    ? `exec: ${JSON.stringify(name)}: stat ${name}: no such file or directory`
    : `exec: ${JSON.stringify(name)}: executable file not found in $PATH`
