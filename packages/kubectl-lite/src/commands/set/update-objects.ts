import {
  createThreeWayJsonMergePatch,
  createTwoWayMergePatch,
  deepCopy,
  type KubeObject,
} from '@miniplane/api'
import { mergeSchemaOf } from '../../apply/schemas.js'
import { type FlagValues, flag } from '../../cli/flags.js'
import { asError, CommandError, throwCollected } from '../../errors/errors.js'
import { printFlags } from '../../printers/print-flags.js'
import { groupResourceOf } from '../../resolve/discovery.js'
import type { Info } from '../../resolve/info.js'
import { resolveInfos } from '../../resolve/resolve.js'
import type { Session } from '../../session/session.js'
import { sendPatch } from '../../write/write.js'
import { dryRunFlag, dryRunOf } from '../dry-run.js'
import { fileFlags, fileTargets } from '../file-flags.js'
import { resultPrinter } from '../result-printer.js'

/** Flags of commands that change objects where they are. */
export const updateFlags = {
  ...fileFlags,
  ...printFlags,
  all: flag.bool('Select all resources in the namespace of the specified resource types'),
  dryRun: dryRunFlag,
  fieldManager: flag.string('Name of the manager used to track field ownership.', {
    default: 'kubectl-set',
  }),
  local: flag.bool('If true, the command will NOT contact the API server.'),
  selector: flag.string('Selector (label query) to filter on.', { short: 'l' }),
}

export interface Update {
  /** Changes a copy of the object. Throws when it can't be changed this way. */
  change(draft: KubeObject, info: Info): void
  /** `image updated` */
  readonly done: string
  /** Throws what is wrong with the command line apart from the objects, which come first. */
  check?(): void
  /** Put before what the server says of a patch; none: its words stay as they are. */
  readonly failure?: string
  /** Report also when nothing changed. */
  readonly reportUnchanged?: boolean
}

/** Resolves objects, changes each, sends what is different as a patch, and reports. */
export async function updateObjects(
  session: Session,
  args: readonly string[],
  flags: FlagValues<typeof updateFlags>,
  update: Update,
): Promise<void> {
  const dryRun = dryRunOf(flags.dryRun)
  const print = await resultPrinter(session, flags, dryRun)
  const { all, selector, local } = flags
  const visited = await resolveInfos(session, {
    ...fileTargets(flags),
    args,
    all,
    selector,
    local,
    latest: !local,
  })
  if (update.check) throwCollected(visited.errors)
  update.check?.()
  const errors = [...visited.errors]
  for (const info of visited.infos) {
    try {
      const draft = deepCopy(info.object)
      update.change(draft, info)
      const body = patchBetween(info, draft)
      const isEmpty = Object.keys(body).length === 0
      if (isEmpty && !update.reportUnchanged) continue
      if (local || dryRun === 'client') {
        print(draft, update.done)
        continue
      }
      const { fieldManager } = flags
      const type = mergeSchemaOf(info.resource) ? 'strategic' : 'merge'
      const changed = isEmpty
        ? info.object
        : await sendPatch(session, info, body, { dryRun, type, fieldManager }).catch(
            (error: unknown) => {
              if (update.failure === undefined) throw error
              throw new CommandError(`${update.failure} ${asError(error).message}`)
            },
          )
      print(changed, update.done)
    } catch (error) {
      errors.push(asError(error))
    }
  }
  throwCollected(errors)
}

/** What changed, as a patch that leaves alone what somebody else changed meanwhile. */
export function patchBetween(info: Info, draft: KubeObject): Record<string, unknown> {
  const schema = mergeSchemaOf(info.resource)
  const patch = schema
    ? createTwoWayMergePatch(info.object, draft, schema)
    : createThreeWayJsonMergePatch(info.object, draft, info.object)
  return patch as Record<string, unknown>
}

/** Splits `deploy/web a=b c-` into objects and changes. */
export function splitAtChanges(
  args: readonly string[],
  isChange: (word: string) => boolean,
): { targets: readonly string[]; changes: readonly string[] } {
  const first = args.findIndex(isChange)
  return first < 0
    ? { targets: args, changes: [] }
    : { targets: args.slice(0, first), changes: args.slice(first) }
}

export function requireTargets(targets: readonly string[], files: readonly string[]): void {
  if (targets.length === 0 && files.length === 0) {
    throw new CommandError(
      'one or more resources must be specified as <resource> <name> or <resource>/<name>',
    )
  }
}

/** For complaints: `deployments.apps "web"` */
export const quotedName = (info: Info): string => `${groupResourceOf(info.resource)} "${info.name}"`
