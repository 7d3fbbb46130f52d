import { parseYaml, stringifyJson } from '@miniplane/api'
import { LAST_APPLIED, lastAppliedOf, lastAppliedText } from '../apply/last-applied.js'
import { defineCommand } from '../cli/command.js'
import { flag } from '../cli/flags.js'
import { CommandError, throwCollected } from '../errors/errors.js'
import { escapeHtml, yamlText } from '../printers/object-text.js'
import { nameLine } from '../printers/print-flags.js'
import { fetchTarget, resolveInfos, resolveTargets } from '../resolve/resolve.js'
import { sendPatch } from '../write/write.js'
import { dryRunFlag, dryRunOf, dryRunSuffix } from './dry-run.js'
import { fileFlags, fileTargets } from './file-flags.js'

export const viewLastApplied = defineCommand({
  usage: 'view-last-applied (TYPE [NAME | -l label] | TYPE/NAME | -f FILENAME) [options]',
  summary: 'View the latest last-applied-configuration annotations by type/name or file',
  flags: {
    ...fileFlags,
    all: flag.bool('Select all resources in the namespace of the specified resource types'),
    output: flag.string('Output format. Must be one of (yaml, json)', {
      short: 'o',
      default: 'yaml',
    }),
    selector: flag.string('Selector (label query) to filter on.', { short: 'l' }),
  },
  async run(session, { args, flags, path }) {
    if (flags.output !== 'yaml' && flags.output !== 'json') {
      throw new CommandError(
        `Unexpected -o output mode: ${flags.output}, the flag 'output' must be one of yaml|json\nSee '${path} -h' for help and examples`,
      )
    }
    const { all, selector } = flags
    const visited = await resolveInfos(session, {
      ...fileTargets(flags),
      args,
      all,
      selector,
      bareTypeMeansAll: true,
      latest: true,
    })
    for (const { object } of visited.infos) {
      const text = lastAppliedOf(object)
      if (text === undefined) continue
      const value = parseYaml(text).value
      const json = () => `${escapeHtml(stringifyJson(value, 2))}\n`
      session.out.stdout(flags.output === 'yaml' ? yamlText(value) : json())
    }
    throwCollected(visited.errors)
  },
})

export const setLastApplied = defineCommand({
  usage: 'set-last-applied -f FILENAME [options]',
  summary:
    'Set the last-applied-configuration annotation on a live object to match the contents of a file',
  flags: {
    ...fileFlags,
    createAnnotation: flag.bool(
      "Will create last-applied-configuration annotations if current objects doesn't have one",
    ),
    dryRun: dryRunFlag,
    output: flag.string('Output format.', { short: 'o' }),
  },
  async run(session, { flags }) {
    const dryRun = dryRunOf(flags.dryRun)
    const { infos, targets, errors } = await resolveTargets(session, fileTargets(flags))
    throwCollected(errors)
    for (const [at, info] of infos.entries()) {
      const target = targets[at]
      const [live] = target ? await fetchTarget(session, target) : []
      if (!live) continue
      const text = lastAppliedText(info.object, false)
      const present = lastAppliedOf(live.object)
      if (present === text) {
        session.line(`set-last-applied ${info.name}: no changes required.`)
        continue
      }
      if (present === undefined && !flags.createAnnotation) {
        throw new CommandError(
          'no last-applied-configuration annotation found on resource, to create the annotation, run the command with --create-annotation',
        )
      }
      const body = {
        metadata: { annotations: { [LAST_APPLIED]: text } },
      }
      const changed =
        dryRun === 'client'
          ? live.object
          : await sendPatch(session, info, body, {
              dryRun,
              type: 'merge',
              fieldManager: 'kubectl-last-applied',
            })
      const done = flags.output === 'name' ? '' : `configured${dryRunSuffix(dryRun)}`
      session.out.stdout(nameLine(changed, done))
    }
  },
})
