import { defineCommand } from '../cli/command.js'
import { usageError } from '../cli/dispatch.js'
import { flag } from '../cli/flags.js'
import { CommandError } from '../errors/errors.js'
import { console, talk } from '../streams/remote-command.js'
import { chooseContainer } from '../workload/container-choice.js'
import { findPod } from '../workload/find-pod.js'

export const exec = defineCommand({
  usage: 'exec (POD | TYPE/NAME) [-c CONTAINER] [flags] -- COMMAND [args...] [options]',
  summary: 'Execute a command in a container',
  flags: {
    container: flag.string('Container name.', { short: 'c' }),
    filename: flag.slice('to use to exec into the resource', { short: 'f' }),
    podRunningTimeout: flag.duration(
      'The length of time to wait until at least one pod is running',
      { default: 60_000 },
    ),
    quiet: flag.bool('Only print output from the remote session', { short: 'q' }),
    stdin: flag.bool('Pass stdin to the container', { short: 'i' }),
    tty: flag.bool('Stdin is a TTY', { short: 't' }),
  },
  async run(session, { args, flags, dashAt, path }) {
    const [target, ...rest] = args
    if (target === undefined || dashAt === 0) {
      throw new CommandError('pod, type/name or --filename must be specified')
    }
    if (rest.length === 0) {
      throw new CommandError('you must specify at least one command for the container')
    }
    if (dashAt < 0) {
      throw usageError(
        path,
        'exec [POD] [COMMAND] is not supported anymore. Use exec [POD] -- [COMMAND] instead',
      )
    }
    const pod = await findPod(session, target)
    if (pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed') {
      throw new CommandError(
        `cannot exec into a container in a completed pod; current phase is ${pod.status.phase}`,
      )
    }
    const container = chooseContainer(session, pod, flags.container)
    await talk(session, pod, {
      subresource: 'exec',
      container,
      command: rest,
      tty: flags.tty,
      stdin: flags.stdin ? session.input() : undefined,
      ...console(session),
    })
  },
})
