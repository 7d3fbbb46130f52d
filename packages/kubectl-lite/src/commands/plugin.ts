import { basename } from 'node:path'
import { defineCommand } from '../cli/command.js'
import { flag } from '../cli/flags.js'
import { CommandError } from '../errors/errors.js'
import { findPlugins, isExecutable } from '../plugins/plugins.js'

const list = defineCommand({
  usage: 'list [flags] [options]',
  summary: "List all visible plugin executables on a user's PATH",
  flags: {
    nameOnly: flag.bool(
      'If true, display only the binary name of each plugin, rather than its full path',
    ),
  },
  async run(session, { flags }) {
    const plugins = findPlugins(session)
    if (plugins.length === 0) {
      throw new CommandError('unable to find any kubectl plugins in your PATH')
    }
    session.line('The following compatible plugins are available:\n')
    const seen = new Map<string, string>()
    let warnings = 0
    const warn = (text: string) => {
      warnings++
      session.out.stderr(`  - warning: ${text}\n`)
    }
    for (const path of plugins) {
      const name = basename(path)
      session.line(flags.nameOnly ? name : path)
      if (!isExecutable(path))
        warn(`${path} identified as a kubectl plugin, but it is not executable`)
      const other = seen.get(name)
      if (other) warn(`${path} is overshadowed by a similarly named plugin: ${other}`)
      else seen.set(name, path)
    }
    if (warnings === 0) return
    throw new CommandError(
      warnings === 1 ? 'one plugin warning was found' : `${warnings} plugin warnings were found`,
    )
  },
})

export const plugin = defineCommand({
  usage: 'plugin [flags] [options]',
  summary: 'Provides utilities for interacting with plugins.',
  long: `Provides utilities for interacting with plugins.

 A plugin is a program on the PATH whose name begins with "kubectl-": what follows is the command that runs it.`,
  examples: ['kubectl plugin list', 'kubectl plugin list --name-only'],
  flags: {},
  subcommands: [
    {
      name: 'list',
      summary: "List all visible plugin executables on a user's PATH",
      load: async () => list,
    },
  ],
})
