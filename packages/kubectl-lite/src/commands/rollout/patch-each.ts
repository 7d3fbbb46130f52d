import type { Invocation } from '../../cli/command.js'
import { flag } from '../../cli/flags.js'
import { asError, CommandError, throwCollected } from '../../errors/errors.js'
import { printFlags } from '../../printers/print-flags.js'
import type { Info } from '../../resolve/info.js'
import { resolveInfos } from '../../resolve/resolve.js'
import type { Session } from '../../session/session.js'
import { sendPatch } from '../../write/write.js'
import { fileFlags, fileTargets } from '../file-flags.js'
import { resultPrinter } from '../result-printer.js'
import { quotedName } from '../set/update-objects.js'

export const rolloutFlags = {
  ...fileFlags,
  ...printFlags,
  fieldManager: flag.string('Name of the manager used to track field ownership.', {
    default: 'kubectl-rollout',
  }),
  selector: flag.string('Selector (label query) to filter on.', { short: 'l' }),
}

/** The patch for one object; throws what kubectl says when it can't be. */
export type PatchOf = (info: Info) => unknown

/** Sends a patch to each object: what pause, resume and restart do. */
export async function patchEach(
  session: Session,
  { args, flags }: Invocation<typeof rolloutFlags>,
  done: string,
  patchOf: PatchOf,
): Promise<void> {
  requireResource(args, flags.filename)
  const print = await resultPrinter(session, flags, 'none')
  const { selector, fieldManager } = flags
  const visited = await resolveInfos(session, {
    ...fileTargets(flags),
    args,
    selector,
    bareTypeMeansAll: true,
    latest: true,
  })
  if (visited.infos.length + visited.errors.length === 0) {
    session.out.stderr(`No resources found in ${session.namespace} namespace.\n`)
  }
  const errors = [...visited.errors]
  for (const info of visited.infos) {
    try {
      const body = patchOf(info)
      const write = { dryRun: 'none', type: 'strategic', fieldManager } as const
      print(await sendPatch(session, info, body, write), done)
    } catch (error) {
      errors.push(asError(error))
    }
  }
  throwCollected(errors)
}

export function requireResource(args: readonly string[], files: readonly string[]): void {
  if (args.length === 0 && files.length === 0) {
    throw new CommandError('required resource not specified')
  }
}

/** `error: deployments.apps "web" is already paused` */
export const refusal = (info: Info, reason: string): CommandError =>
  new CommandError(`error: ${quotedName(info)} ${reason}`)
