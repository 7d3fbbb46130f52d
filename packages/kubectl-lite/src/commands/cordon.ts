import type { Node } from '@miniplane/api'
import { type Command, defineCommand } from '../cli/command.js'
import { usageError } from '../cli/dispatch.js'
import { flag } from '../cli/flags.js'
import { throwCollected } from '../errors/errors.js'
import type { Info } from '../resolve/info.js'
import { resolveInfos } from '../resolve/resolve.js'
import type { Session } from '../session/session.js'
import { sendPatch } from '../write/write.js'
import { type DryRun, dryRunFlag, dryRunOf, dryRunSuffix } from './dry-run.js'

function command(name: 'cordon' | 'uncordon', summary: string): Command {
  return defineCommand({
    usage: `${name} NODE [options]`,
    summary,
    flags: {
      dryRun: dryRunFlag,
      selector: flag.string('Selector (label query) to filter on.', { short: 'l' }),
    },
    async run(session, { args, flags, path }) {
      if (args.length === 0 && flags.selector === '') {
        throw usageError(path, `USAGE: ${name} NODE [flags]`)
      }
      const { infos, errors } = await nodesOf(session, args, flags.selector)
      const dryRun = dryRunOf(flags.dryRun)
      for (const info of infos) await setUnschedulable(session, info, name === 'cordon', dryRun)
      throwCollected(errors)
    },
  })
}

export const cordon = command('cordon', 'Mark node as unschedulable')
export const uncordon = command('uncordon', 'Mark node as schedulable')

export function nodesOf(session: Session, names: readonly string[], selector: string) {
  return resolveInfos(session, { args: ['nodes', ...names], selector, latest: true })
}

/** Closes or opens a node for new Pods, and says so. */
export async function setUnschedulable(
  session: Session,
  info: Info,
  unschedulable: boolean,
  dryRun: DryRun,
): Promise<void> {
  const done = unschedulable ? 'cordoned' : 'uncordoned'
  const { spec } = info.object as unknown as Node
  const isSo = (spec?.unschedulable ?? false) === unschedulable
  if (!isSo && dryRun !== 'client') {
    const body = { spec: { unschedulable: unschedulable ? true : null } }
    await sendPatch(session, info, body, { dryRun, type: 'strategic' })
  }
  session.line(`node/${info.name} ${isSo ? 'already ' : ''}${done}${dryRunSuffix(dryRun)}`)
}
