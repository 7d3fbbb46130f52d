import type { KubeObject } from '@miniplane/api'
import { withLastApplied } from '../apply/last-applied.js'
import { defineCommand } from '../cli/command.js'
import { usageError } from '../cli/dispatch.js'
import { flag } from '../cli/flags.js'
import { asError, CommandError, throwCollected } from '../errors/errors.js'
import { withSource } from '../errors/status.js'
import { sendRaw } from '../get/raw.js'
import { printFlags } from '../printers/print-flags.js'
import { infosFromManifests } from '../resolve/manifest-infos.js'
import { sendCreate } from '../write/write.js'
import { generators } from './create/generators.js'
import { dryRunFlag, dryRunOf } from './dry-run.js'
import { fileFlags, fileTargets, requireFile } from './file-flags.js'
import { resultPrinter } from './result-printer.js'
import { fieldValidationOf, validateFlag } from './validation.js'

export const create = defineCommand({
  usage: 'create -f FILENAME [options]',
  summary: 'Create a resource from a file or from stdin',
  examples: ['kubectl create -f web.yaml', 'kubectl create deployment web --image=nginx'],
  flags: {
    ...fileFlags,
    ...printFlags,
    dryRun: dryRunFlag,
    edit: flag.bool('Accepted and refused: edit the file before creating it.', { hidden: true }),
    fieldManager: flag.string('Name of the manager used to track field ownership.', {
      default: 'kubectl-create',
    }),
    raw: flag.string('Raw URI to POST to the server.'),
    saveConfig: flag.bool(
      'If true, the configuration of current object will be saved in its annotation.',
    ),
    selector: flag.string('Selector (label query) to filter on.', { short: 'l' }),
    validate: validateFlag,
  },
  subcommands: generators,
  async run(session, { args, flags, path }) {
    if (args.length > 0) throw usageError(path, `Unexpected args: [${args.join(' ')}]`)
    requireFile(flags)
    if (flags.raw !== '') return sendRaw(session, 'POST', flags.raw, flags.filename)
    const dryRun = dryRunOf(flags.dryRun)
    const fieldValidation = fieldValidationOf(flags.validate)
    const print = await resultPrinter(session, flags, dryRun)
    const validate = fieldValidation !== 'Ignore'
    const { selector, fieldManager } = flags
    const { infos, errors } = await infosFromManifests(session, {
      ...fileTargets(flags),
      validate,
      selector,
    })
    if (infos.length === 0 && errors.length === 0)
      throw new CommandError('no objects passed to create')
    for (const info of infos) {
      const object: KubeObject = flags.saveConfig ? withLastApplied(info.object) : info.object
      try {
        const made =
          dryRun === 'client'
            ? object
            : await sendCreate(session, info, object, { dryRun, fieldManager, fieldValidation })
        print(made, 'created')
      } catch (error) {
        errors.push(withSource(asError(error), 'creating', info.source))
      }
    }
    throwCollected(errors)
  },
})
