import type { KubeObject } from '@miniplane/api'
import { LAST_APPLIED, lastAppliedOf, withLastApplied } from '../apply/last-applied.js'
import { applyPatch, PatchFailed, patchObject } from '../apply/patcher.js'
import { prune, prunedResources } from '../apply/prune.js'
import { mergeSchemaOf } from '../apply/schemas.js'
import { APPLY_PATCH, conflictAdvice } from '../apply/server-side.js'
import { defineCommand } from '../cli/command.js'
import { type FlagValues, flag } from '../cli/flags.js'
import { asError, CommandError, throwCollected } from '../errors/errors.js'
import { isConflict, withSource } from '../errors/status.js'
import { sortKeys } from '../printers/object-text.js'
import { nameLine, printerFor, printFlags } from '../printers/print-flags.js'
import { type Info, resourceName } from '../resolve/info.js'
import { infosFromManifests } from '../resolve/manifest-infos.js'
import { resourcePath } from '../resolve/paths.js'
import { liveObject } from '../session/live-object.js'
import type { Session } from '../session/session.js'
import { WEEK_MS, waitUntilGone } from '../waiting/until.js'
import { sendCreate, type WriteOptions } from '../write/write.js'
import { cascadeOf, deleteOne } from './delete.js'
import { type DryRun, dryRunFlag, dryRunOf, dryRunSuffix } from './dry-run.js'
import { fileFlags, fileTargets, requireFile } from './file-flags.js'
import { fieldValidationOf, validateFlag } from './validation.js'

const flags = {
  ...fileFlags,
  ...printFlags,
  all: flag.bool('Select all resources in the namespace of the specified resource types.'),
  cascade: flag.string('Deletion cascading strategy, with --force.', { default: 'background' }),
  dryRun: dryRunFlag,
  fieldManager: flag.string('Name of the manager used to track field ownership.', {
    default: 'kubectl-client-side-apply',
  }),
  force: flag.bool('If true, delete and recreate what can not be patched.'),
  forceConflicts: flag.bool('If true, server-side apply will force the changes against conflicts.'),
  gracePeriod: flag.int('Seconds given to a resource to terminate, with --force.', { default: -1 }),
  openapiPatch: flag.bool('Accepted and ignored.', { default: true, hidden: true }),
  overwrite: flag.bool(
    'Automatically resolve conflicts between the modified and live configuration by using values from the modified configuration',
    { default: true },
  ),
  prune: flag.bool(
    'Automatically delete resource objects, that do not appear in the configs and are created by either apply or create --save-config. Should be used with either -l or --all.',
  ),
  pruneAllowlist: flag.array(
    'Overwrite the default allowlist with <group/version/kind> for --prune',
  ),
  selector: flag.string('Selector (label query) to filter on.', { short: 'l' }),
  serverSide: flag.bool('If true, apply runs in the server instead of the client.'),
  subresource: flag.string(
    'If specified, apply will operate on the subresource of the requested object.',
  ),
  timeout: flag.duration('The length of time to wait before giving up on a delete, with --force.'),
  validate: validateFlag,
  wait: flag.bool('If true, wait for resources to be gone before returning.'),
}

type Flags = FlagValues<typeof flags>

interface Applying {
  readonly flags: Flags
  readonly options: WriteOptions & { readonly dryRun: DryRun }
  /** With `-o yaml` and the like, objects are printed at the end and not as they come. */
  readonly objects: KubeObject[] | undefined
  /** Uids of what is there now. */
  readonly applied: Set<string>
}

export const apply = defineCommand({
  usage: 'apply (-f FILENAME | -k DIRECTORY) [options]',
  summary: 'Apply a configuration to a resource by file name or stdin',
  examples: ['kubectl apply -f web.yaml', 'cat web.yaml | kubectl apply -f -'],
  flags,
  subcommands: [
    {
      name: 'view-last-applied',
      summary: 'View the latest last-applied-configuration annotations by type/name or file',
      load: async () => (await import('./apply-last-applied.js')).viewLastApplied,
    },
    {
      name: 'set-last-applied',
      summary:
        'Set the last-applied-configuration annotation on a live object to match the contents of a file',
      load: async () => (await import('./apply-last-applied.js')).setLastApplied,
    },
  ],
  async run(session, { flags, args, given, path }) {
    if (args.length > 0)
      throw new CommandError(
        `Unexpected args: [${args.join(' ')}]\nSee '${path} -h' for help and examples`,
      )
    const dryRun = dryRunOf(flags.dryRun)
    refuseUnfit(flags, dryRun)
    const fieldValidation = fieldValidationOf(flags.validate)
    const pruned = flags.prune ? prunedResources(await session.mapper(), flags.pruneAllowlist) : []
    requireFile(flags)
    const fieldManager =
      flags.serverSide && !given.has('fieldManager') ? 'kubectl' : flags.fieldManager
    const validate = fieldValidation !== 'Ignore'
    const targets = { ...fileTargets(flags), validate, selector: flags.selector }
    const { infos, errors } = await infosFromManifests(session, targets)
    if (infos.length === 0 && errors.length === 0)
      throw new CommandError('no objects passed to apply')
    const applying: Applying = {
      flags,
      options: { dryRun, fieldManager, fieldValidation },
      objects: flags.output === '' || flags.output === 'name' ? undefined : [],
      applied: new Set(),
    }
    for (const info of infos) {
      try {
        await applyOne(session, info, applying)
      } catch (error) {
        errors.push(asError(error))
      }
    }
    await printObjects(session, applying)
    throwCollected(errors)
    if (!flags.prune) return
    await prune(session, {
      resources: pruned,
      selector: flags.selector,
      namespaces: new Set(infos.map(({ namespace }) => namespace).filter((one) => one !== '')),
      applied: applying.applied,
      dryRun,
      gracePeriodSeconds: flags.gracePeriod < 0 ? undefined : flags.gracePeriod,
      propagationPolicy: cascadeOf(flags.cascade),
      report: (object) => session.out.stdout(nameLine(object, `pruned${dryRunSuffix(dryRun)}`)),
    })
  },
})

function refuseUnfit(flags: Flags, dryRun: DryRun): void {
  if (flags.forceConflicts && !flags.serverSide) {
    throw new CommandError('--force-conflicts only works with --server-side')
  }
  if (dryRun === 'client' && flags.serverSide) {
    throw new CommandError(
      "--dry-run=client doesn't work with --server-side (did you mean --dry-run=server instead?)",
    )
  }
  if (flags.all && flags.selector !== '') {
    throw new CommandError('cannot set --all and --selector at the same time')
  }
  if (flags.force && flags.serverSide)
    throw new CommandError('--force cannot be used with --server-side')
  if (!flags.prune) return
  if (flags.force) throw new CommandError('--force cannot be used with --prune')
  if (!flags.all && flags.selector === '') {
    throw new CommandError(
      'all resources selected for prune without explicitly passing --all. To prune all resources, pass the --all flag. If you did not mean to prune all resources, specify a label selector',
    )
  }
  if (flags.serverSide) {
    throw new CommandError(
      "--prune is in alpha and doesn't currently work on objects created by server-side apply",
    )
  }
}

function report(
  session: Session,
  { flags, options, objects, applied }: Applying,
  object: KubeObject,
  done: string,
) {
  applied.add(object.metadata.uid ?? '')
  if (objects) objects.push(object)
  else if (flags.output === 'name') session.out.stdout(nameLine(object))
  else session.out.stdout(nameLine(object, `${done}${dryRunSuffix(options.dryRun)}`))
}

async function printObjects(session: Session, { flags, objects }: Applying): Promise<void> {
  if (!objects || objects.length === 0) return
  const keepOrder = objects.length > 1
  const printer = await printerFor({ ...flags, keepOrder, folder: session.environment.folder })
  const [first] = objects as [KubeObject]
  // Each object is a map to kubectl, the list around them is not.
  const items = objects.map((object) => sortKeys(object))
  const list = { kind: 'List', apiVersion: 'v1', metadata: {}, items } as unknown as KubeObject
  session.out.stdout(printer.print(objects.length === 1 ? first : list))
}

async function applyOne(session: Session, info: Info, applying: Applying): Promise<void> {
  if (applying.flags.serverSide) return applyOnServer(session, info, applying)
  const current = await currentOf(session, info)
  if (!current) return createIt(session, info, applying)
  warn(session, info, current)
  const schema = mergeSchemaOf(info.resource)
  if (applying.options.dryRun === 'client') {
    const patch = applyPatch(current, withLastApplied(info.object), schema)
    const isSame = Object.keys(patch as object).length === 0
    return report(session, applying, current, isSame ? 'unchanged' : 'configured')
  }
  try {
    const { patch, object } = await patchObject(
      session,
      { ...info, object: current },
      withLastApplied(info.object),
      schema,
      applying.options,
    )
    report(session, applying, object, patch === '{}' ? 'unchanged' : 'configured')
  } catch (error) {
    if (!(error instanceof PatchFailed)) throw error
    if (applying.flags.force) return recreate(session, info, applying)
    const doing = `applying patch:\n${error.patch}\nto:\n${describeInfo(info)}\nfor:`
    throw withSource(error.reason, doing, info.source)
  }
}

async function currentOf(session: Session, info: Info): Promise<KubeObject | undefined> {
  const doing = `retrieving current configuration of:\n${describeInfo(info)}\nfrom server for:`
  if (info.name === '') {
    throw withSource(new Error('resource name may not be empty'), doing, info.source)
  }
  try {
    const path = resourcePath(info.resource, info.namespace, info.name)
    return await liveObject(session, path)
  } catch (error) {
    throw withSource(error, doing, info.source)
  }
}

function describeInfo({ resource, name, namespace }: Info): string {
  const gv = `${resource.group}/${resource.version}`
  return `Resource: "${gv}, Resource=${resource.resource}", GroupVersionKind: "${gv}, Kind=${resource.kind}"\nName: "${name}", Namespace: "${namespace}"`
}

async function createIt(session: Session, info: Info, applying: Applying): Promise<void> {
  const object = withLastApplied(info.object)
  if (applying.options.dryRun === 'client') return report(session, applying, object, 'created')
  try {
    report(session, applying, await sendCreate(session, info, object, applying.options), 'created')
  } catch (error) {
    throw withSource(error, 'creating', info.source)
  }
}

function warn(session: Session, info: Info, current: KubeObject): void {
  if (lastAppliedOf(current) === undefined) {
    session.out.stderr(
      `Warning: resource ${resourceName(info)} is missing the ${LAST_APPLIED} annotation which is required by kubectl apply. kubectl apply should only be used on resources created declaratively by either kubectl create --save-config or kubectl apply. The missing annotation will be patched automatically.\n`,
    )
  }
  if (current.metadata.deletionTimestamp) {
    session.out.stderr(
      `Warning: Detected changes to resource ${info.name} which is currently being deleted.\n`,
    )
  }
}

/** `--force`: what can't be patched is deleted and made anew. */
async function recreate(session: Session, info: Info, applying: Applying): Promise<void> {
  const { dryRun } = applying.options
  const gracePeriodSeconds = applying.flags.gracePeriod < 0 ? undefined : applying.flags.gracePeriod
  const uid = await deleteOne(session, info, {
    propagationPolicy: 'Background',
    gracePeriodSeconds,
    dryRun,
  })
  await waitUntilGone(session, info, uid, applying.flags.timeout || WEEK_MS)
  await createIt(session, info, applying)
}

async function applyOnServer(session: Session, info: Info, applying: Applying): Promise<void> {
  const { dryRun, fieldManager, fieldValidation } = applying.options
  try {
    const object = await session.rest.object({
      method: 'PATCH',
      path: resourcePath(info.resource, info.namespace, info.name, applying.flags.subresource),
      query: {
        fieldManager,
        fieldValidation,
        force: String(applying.flags.forceConflicts),
        dryRun: dryRun === 'server' ? 'All' : undefined,
      },
      body: info.object,
      contentType: APPLY_PATCH,
    })
    report(session, applying, object, 'serverside-applied')
  } catch (error) {
    if (isConflict(error)) throw new CommandError(conflictAdvice(error.message))
    throw error
  }
}
