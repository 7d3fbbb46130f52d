import type { PodTemplateSpec } from '@miniplane/api'
import { defineCommand } from '../../cli/command.js'
import { flag } from '../../cli/flags.js'
import { describePodTemplate } from '../../describe/pod-template.js'
import { DescribeWriter } from '../../describe/writer.js'
import { CommandError, throwCollected } from '../../errors/errors.js'
import { printerFor, printFlags } from '../../printers/print-flags.js'
import { DESCRIBE_LAYOUT, layOut } from '../../printers/tab-writer.js'
import { displayName, type Info } from '../../resolve/info.js'
import { resolveInfos } from '../../resolve/resolve.js'
import type { Session } from '../../session/session.js'
import { CHANGE_CAUSE, type Revision, revisionsOf } from '../../workload/history.js'
import { fileFlags, fileTargets } from '../file-flags.js'
import { requireResource } from './patch-each.js'

const KINDS = ['Deployment', 'DaemonSet', 'StatefulSet']

export const history = defineCommand({
  usage: 'history (TYPE NAME | TYPE/NAME) [flags] [options]',
  summary: 'View rollout history',
  flags: {
    ...fileFlags,
    ...printFlags,
    revision: flag.int('See the details, including podTemplate of the revision specified'),
    selector: flag.string('Selector (label query) to filter on.', { short: 'l' }),
  },
  async run(session, { args, flags }) {
    requireResource(args, flags.filename)
    if (flags.revision < 0) {
      throw new CommandError(`revision must be a positive integer: ${flags.revision}`)
    }
    const { selector } = flags
    const visited = await resolveInfos(session, {
      ...fileTargets(flags),
      args,
      selector,
      bareTypeMeansAll: true,
      latest: true,
    })
    throwCollected(visited.errors)
    for (const info of visited.infos) {
      if (!KINDS.includes(info.object.kind ?? '')) {
        throw new CommandError(
          `error retrieving history for "${info.object.kind}", no visitor method exists for {${info.resource.group} ${info.object.kind}}`,
        )
      }
      const revisions = await revisionsOf(session, info)
      if (flags.output !== '') await printHolders(session, revisions, flags)
      else if (flags.revision > 0) printOne(session, info, revisions, flags.revision)
      else printAll(session, info, revisions)
    }
  },
})

async function printHolders(
  session: Session,
  revisions: readonly Revision[],
  flags: { output: string; revision: number },
): Promise<void> {
  const { revision } = flags
  if (revision > 0 && !revisions.some(({ number }) => number === revision)) {
    throw new CommandError('unable to find the specified revision')
  }
  const printer = await printerFor(flags)
  for (const { number, holder } of revisions) {
    if (flags.revision === 0 || flags.revision === number) {
      session.out.stdout(printer.print(holder))
    }
  }
}

function printAll(session: Session, info: Info, revisions: readonly Revision[]): void {
  session.line(`${displayName(info)} `)
  if (revisions.length === 0) {
    session.line('No rollout history found.')
    return
  }
  const rows = revisions.map(({ number, changeCause }) => `${number}\t${changeCause || '<none>'}\n`)
  session.out.stdout(`${layOut(DESCRIBE_LAYOUT, `REVISION\tCHANGE-CAUSE\n${rows.join('')}`)}\n`)
}

function printOne(
  session: Session,
  info: Info,
  revisions: readonly Revision[],
  wanted: number,
): void {
  const revision = revisions.find(({ number }) => number === wanted)
  if (!revision) throw new CommandError('unable to find the specified revision')
  session.line(`${displayName(info)} with revision #${wanted}`)
  const writer = new DescribeWriter()
  describePodTemplate(writer, withCause(revision))
  session.out.stdout(`${writer.text}\n`)
}

function withCause({ template, changeCause }: Revision): PodTemplateSpec | undefined {
  if (changeCause === '' || !template) return template
  const annotations = { ...template.metadata?.annotations, [CHANGE_CAUSE]: changeCause }
  return { ...template, metadata: { ...template.metadata, annotations } }
}
