import { defineCommand } from '../cli/command.js'
import { flag } from '../cli/flags.js'
import { CommandError } from '../errors/errors.js'
import { console, talk } from '../streams/remote-command.js'
import { chooseContainer } from '../workload/container-choice.js'
import { findPod } from '../workload/find-pod.js'

export const attach = defineCommand({
  usage: 'attach (POD | TYPE/NAME) -c CONTAINER [options]',
  summary: 'Attach to a running container',
  flags: {
    container: flag.string('Container name.', { short: 'c' }),
    podRunningTimeout: flag.duration(
      'The length of time to wait until at least one pod is running',
      { default: 60_000 },
    ),
    quiet: flag.bool('Only print output from the remote session', { short: 'q' }),
    stdin: flag.bool('Pass stdin to the container', { short: 'i' }),
    tty: flag.bool('Stdin is a TTY', { short: 't' }),
  },
  async run(session, { args, flags }) {
    const [target, ...more] = args
    if (target === undefined) throw new CommandError('at least 1 argument is required for attach')
    if (more.length > 0) throw new CommandError('expected POD, TYPE/NAME, or TYPE NAME')
    const pod = await findPod(session, target)
    const container = chooseContainer(session, pod, flags.container)
    await talk(session, pod, {
      subresource: 'attach',
      container,
      command: [],
      tty: flags.tty,
      stdin: flags.stdin ? session.input() : undefined,
      ...console(session),
    })
  },
})
