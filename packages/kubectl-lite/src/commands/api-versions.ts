import { defineCommand } from '../cli/command.js'
import { usageError } from '../cli/dispatch.js'
import { groupVersionOf } from '../resolve/discovery.js'

export const apiVersions = defineCommand({
  usage: 'api-versions [options]',
  summary: 'Print the supported API versions on the server, in the form of "group/version"',
  flags: {},
  async run(session, { args, path }) {
    if (args.length > 0) throw usageError(path, `unexpected arguments: [${args.join(' ')}]`)
    const { resources } = await session.mapper()
    for (const version of [...new Set(resources.map(groupVersionOf))].sort()) session.line(version)
  },
})
