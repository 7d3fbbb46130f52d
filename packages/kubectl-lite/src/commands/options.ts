import { defineCommand } from '../cli/command.js'
import { globalFlags } from '../cli/global-flags.js'
import { flagHelp } from '../cli/help.js'

export const options = defineCommand({
  usage: 'options',
  summary: 'Print the list of flags inherited by all commands',
  flags: {},
  async run(session) {
    const shown = Object.entries(globalFlags).filter(
      ([name, spec]) => !spec.hidden && name !== 'help',
    )
    const blocks = shown.map(([name, spec]) => flagHelp(name, spec))
    session.out.stdout(
      `The following options can be passed to any command:\n\n${blocks.join('\n\n')}\n`,
    )
  },
})
