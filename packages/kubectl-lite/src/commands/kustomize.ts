import { writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { defineCommand } from '../cli/command.js'
import { flag } from '../cli/flags.js'
import { CommandError } from '../errors/errors.js'
import { openFault } from '../errors/file-fault.js'
import { buildKustomization } from '../kustomize/build.js'

export const kustomize = defineCommand({
  usage: 'kustomize DIR [flags] [options]',
  summary: 'Build a kustomization target from a directory',
  examples: ['kubectl kustomize overlays/production'],
  flags: {
    enableAlphaPlugins: flag.bool('Accepted and ignored.', { hidden: true }),
    enableHelm: flag.bool('Accepted and ignored.', { hidden: true }),
    loadRestrictor: flag.string(
      "if set to 'LoadRestrictionsNone', local kustomizations may load files from outside their root.",
      { default: 'LoadRestrictionsRootOnly' },
    ),
    output: flag.string('If specified, write output to this path.', { short: 'o' }),
  },
  async run(session, { args, flags }) {
    if (args.length > 1) {
      throw new CommandError('specify one path to kustomization.yaml')
    }
    const restrictor = flags.loadRestrictor
    if (restrictor !== 'LoadRestrictionsRootOnly' && restrictor !== 'LoadRestrictionsNone') {
      throw new CommandError(`unknown load restriction value '${restrictor}'`)
    }
    const { folder } = session.environment
    const text = buildKustomization({
      folder,
      path: args[0] ?? '.',
      restricted: restrictor === 'LoadRestrictionsRootOnly',
      warn: session.out.stderr,
    })
    if (flags.output === '') {
      session.out.stdout(text)
      return
    }
    try {
      writeFileSync(resolve(folder, flags.output), text)
    } catch (error) {
      throw new CommandError(openFault(flags.output, error))
    }
  },
})
