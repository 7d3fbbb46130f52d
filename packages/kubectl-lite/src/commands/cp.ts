import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { defineCommand } from '../cli/command.js'
import { flag } from '../cli/flags.js'
import { CommandError } from '../errors/errors.js'
import { copyFrom, copyInto } from '../streams/copy.js'
import { chooseContainer } from '../workload/container-choice.js'
import { findPod } from '../workload/find-pod.js'

export const cp = defineCommand({
  usage: 'cp <file-spec-src> <file-spec-dest> [options]',
  summary: 'Copy files and directories to and from containers',
  flags: {
    container: flag.string('Container name.', { short: 'c' }),
    noPreserve: flag.bool(
      "The copied file/directory's ownership and permissions will not be preserved in the container",
    ),
    retries: flag.int('Set number of retries to complete a copy operation from a container.'),
  },
  async run(session, { args, flags }) {
    const [source, destination, ...more] = args
    if (source === undefined || destination === undefined || more.length > 0) {
      throw new CommandError('source and destination are required')
    }
    const [remote, both] = [source, destination].filter(
      (spec) => /^[^/.][^/]*:/.test(spec) || /^[\w-]+\/[\w.-]+:/.test(spec),
    )
    if (remote === undefined) {
      throw new CommandError('one of src or dest must be a remote file specification')
    }
    if (both !== undefined) throw new CommandError('src or dest must be a local file specification')
    const { folder } = session.environment
    if (remote === destination && !existsSync(resolve(folder, source))) {
      throw new CommandError(`${source} doesn't exist in local filesystem`)
    }
    const [where = ''] = remote.split(':', 1)
    const pod = await findPod(session, where.split('/').at(-1) ?? '')
    const container = chooseContainer(session, pod, flags.container)
    const inside = remote.slice(where.length + 1)
    if (inside === '') throw new CommandError('filepath can not be empty')
    if (remote === source)
      await copyFrom(session, { pod, container, remote: inside, local: destination })
    else await copyInto(session, { pod, container, remote: inside, local: source })
  },
})
