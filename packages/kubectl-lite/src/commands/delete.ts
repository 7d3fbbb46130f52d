import type { KubeObject, Status } from '@miniplane/api'
import { defineCommand } from '../cli/command.js'
import { type FlagValues, flag } from '../cli/flags.js'
import { asError, CommandError, throwCollected } from '../errors/errors.js'
import { isNotFound, withSource } from '../errors/status.js'
import { rawRequest } from '../get/raw.js'
import { type Info, kindPrefix, resourceName } from '../resolve/info.js'
import { resourcePath } from '../resolve/paths.js'
import { fetchTarget, type Resolution, resolveTargets } from '../resolve/resolve.js'
import type { Session } from '../session/session.js'
import { WaitTimeout, WEEK_MS, waitUntilGone } from '../waiting/until.js'
import { type DryRun, dryRunFlag, dryRunOf, dryRunSuffix } from './dry-run.js'
import { fileFlags, fileTargets } from './file-flags.js'

const flags = {
  ...fileFlags,
  all: flag.bool('Delete all resources, in the namespace of the specified resource types.'),
  allNamespaces: flag.bool('If present, list the requested object(s) across all namespaces.', {
    short: 'A',
  }),
  cascade: flag.string(
    'Must be "background", "orphan", or "foreground". Selects the deletion cascading strategy for the dependents (e.g. Pods created by a ReplicationController). Defaults to background.',
    { default: 'background', alone: 'background' },
  ),
  dryRun: dryRunFlag,
  fieldSelector: flag.string("Selector (field query) to filter on, supports '=', '==', and '!='."),
  force: flag.bool('If true, immediately remove resources from API and bypass graceful deletion.'),
  gracePeriod: flag.int(
    'Period of time in seconds given to the resource to terminate gracefully. Ignored if negative.',
    { default: -1 },
  ),
  ignoreNotFound: flag.bool('Treat "resource not found" as a successful delete.'),
  interactive: flag.bool('If true, delete resource only when user confirms.', { short: 'i' }),
  now: flag.bool(
    'If true, resources are signaled for immediate shutdown (same as --grace-period=1).',
  ),
  output: flag.string('Output mode. Use "-o name" for shorter output (resource/name).', {
    short: 'o',
  }),
  raw: flag.string('Raw URI to DELETE to the server.'),
  selector: flag.string('Selector (label query) to filter on.', { short: 'l' }),
  timeout: flag.duration(
    'The length of time to wait before giving up on a delete, zero means determine a timeout from the size of the object',
  ),
  wait: flag.bool('If true, wait for resources to be gone before returning.', { default: true }),
}

type Flags = FlagValues<typeof flags>

export interface Deletion {
  readonly propagationPolicy: string
  readonly gracePeriodSeconds: number | undefined
  readonly dryRun: DryRun
}

export const deleteCommand = defineCommand({
  usage: 'delete ([-f FILENAME] | [-k DIRECTORY] | TYPE [(NAME | -l label | --all)]) [options]',
  summary:
    'Delete resources by file names, stdin, resources and names, or by resources and label selector',
  examples: [
    'kubectl delete -f web.yaml',
    'kubectl delete pod web --now',
    'kubectl delete pods -l app=web',
  ],
  flags,
  async run(session, { args, flags, given }) {
    if (flags.raw !== '') {
      session.out.stdout((await rawRequest(session, 'DELETE', flags.raw)).text())
      return
    }
    if (flags.cascade === 'true' || flags.cascade === 'false') {
      const instead = flags.cascade === 'true' ? 'background' : 'orphan'
      session.out.stderr(
        `warning: --cascade=${flags.cascade} is deprecated (boolean value) and can be replaced with --cascade=${instead}.\n`,
      )
    }
    const deletion = deletionOf(flags, given)
    if (deletion.gracePeriodSeconds === 0 && flags.force) {
      session.out.stderr(
        'Warning: Immediate deletion does not wait for confirmation that the running resource has been terminated. The resource may continue to run on the cluster indefinitely.\n',
      )
    }
    const found = await resolveTargets(session, {
      ...fileTargets(flags),
      args,
      all: flags.all,
      selector: flags.selector,
      fieldSelector: flags.fieldSelector,
      allNamespaces: flags.allNamespaces,
    })
    const targets = await expand(session, found)
    if (flags.interactive && targets.length > 0 && !(await confirms(session, targets))) return
    await deleteAll(session, targets, found.errors, flags, deletion)
  },
})

async function confirms(session: Session, targets: readonly DeleteTarget[]): Promise<boolean> {
  session.line(`You are about to delete the following ${targets.length} resource(s):`)
  for (const { resource, name } of targets) session.line(`${kindPrefix(resource)}/${name}`)
  session.out.stdout('Do you want to continue? (y/N): ')
  const [answer = ''] = (await session.stdin()).split('\n')
  if (/^(y|yes)$/i.test(answer.trim())) return true
  session.line('deletion is cancelled')
  return false
}

function deletionOf(flags: Flags, given: ReadonlySet<string>): Deletion {
  if (flags.output !== '' && flags.output !== 'name') {
    throw new CommandError(`unexpected -o output mode: ${flags.output}. We only support '-o name'`)
  }
  if (flags.all && flags.selector !== '') {
    throw new CommandError("setting 'all' parameter but found a non empty selector. ")
  }
  if (flags.now && given.has('gracePeriod') && flags.gracePeriod !== -1) {
    throw new CommandError('--now and --grace-period cannot be specified together')
  }
  if (flags.force && flags.gracePeriod > 0) {
    throw new CommandError('--force and --grace-period greater than 0 cannot be specified together')
  }
  return {
    propagationPolicy: cascadeOf(flags.cascade),
    gracePeriodSeconds: gracePeriod(flags),
    dryRun: dryRunOf(flags.dryRun),
  }
}

/** `--grace-period=0` means 1 unless forced: a Pod is not to vanish by a slip of the keyboard. */
function gracePeriod(flags: Flags): number | undefined {
  if (flags.now) return 1
  if (flags.force && flags.gracePeriod < 0) return 0
  if (flags.gracePeriod === 0 && !flags.force) return 1
  return flags.gracePeriod < 0 ? undefined : flags.gracePeriod
}

export function cascadeOf(text: string): string {
  const policies: Record<string, string> = {
    background: 'Background',
    foreground: 'Foreground',
    orphan: 'Orphan',
    true: 'Background',
    false: 'Orphan',
  }
  const policy = policies[text]
  if (policy) return policy
  throw new CommandError(
    `invalid cascade value (${text}). Must be "background", "foreground", or "orphan"`,
  )
}

export type DeleteTarget = Pick<Info, 'resource' | 'namespace' | 'name' | 'source'>

/** Lists are taken apart, named objects are not even looked at. */
async function expand(session: Session, found: Resolution): Promise<DeleteTarget[]> {
  const targets: DeleteTarget[] = []
  for (const target of found.targets) {
    if (target.by === 'name') targets.push(target)
    else targets.push(...(await fetchTarget(session, target)))
  }
  return targets
}

async function deleteAll(
  session: Session,
  targets: readonly DeleteTarget[],
  failed: readonly Error[],
  flags: Flags,
  deletion: Deletion,
): Promise<void> {
  if (targets.length === 0 && failed.length === 0) return session.line('No resources found')
  const ignoreNotFound = flags.ignoreNotFound || flags.all || flags.selector !== ''
  const errors = [...failed]
  const deleted: { target: DeleteTarget; uid: string | undefined }[] = []
  for (const target of targets) {
    try {
      const uid = await deleteOne(session, target, deletion)
      session.out.stdout(deletedLine(target, deletion, flags.output))
      deleted.push({ target, uid })
    } catch (error) {
      if (ignoreNotFound && isNotFound(error)) continue
      errors.push(withSource(asError(error), 'deleting', target.source))
    }
  }
  throwCollected(errors)
  if (!flags.wait || deletion.dryRun !== 'none') return
  const timeoutMs = flags.timeout > 0 ? flags.timeout : WEEK_MS
  for (const { target, uid } of deleted) await waitGone(session, target, uid, timeoutMs)
}

async function waitGone(
  session: Session,
  target: DeleteTarget,
  uid: string | undefined,
  timeoutMs: number,
): Promise<void> {
  try {
    await waitUntilGone(session, target, uid, timeoutMs)
  } catch (error) {
    if (!(error instanceof WaitTimeout)) throw error
    throw new CommandError(`${error.message} on ${resourceName(target)}`)
  }
}

/** Sends the deletion; returns the uid of what was deleted, as far as the server says. */
export async function deleteOne(
  session: Session,
  target: Pick<Info, 'resource' | 'namespace' | 'name'>,
  { propagationPolicy, gracePeriodSeconds, dryRun }: Deletion,
): Promise<string | undefined> {
  if (dryRun === 'client') return undefined
  const answer = await session.rest.object({
    method: 'DELETE',
    path: resourcePath(target.resource, target.namespace, target.name),
    body: {
      kind: 'DeleteOptions',
      apiVersion: 'v1',
      ...(gracePeriodSeconds === undefined ? {} : { gracePeriodSeconds }),
      ...(dryRun === 'server' ? { dryRun: ['All'] } : {}),
      propagationPolicy,
    },
  })
  return uidOf(answer)
}

const uidOf = (answer: KubeObject): string | undefined =>
  answer?.kind === 'Status' ? (answer as unknown as Status).details?.uid : answer?.metadata?.uid

function deletedLine(target: DeleteTarget, deletion: Deletion, output: string): string {
  const kind = kindPrefix(target.resource)
  if (output === 'name') return `${kind}/${target.name}\n`
  const done = deletion.gracePeriodSeconds === 0 ? 'force deleted' : 'deleted'
  const from = target.namespace === '' ? '' : ` from ${target.namespace} namespace`
  return `${kind} "${target.name}" ${done}${from}${dryRunSuffix(deletion.dryRun)}\n`
}
