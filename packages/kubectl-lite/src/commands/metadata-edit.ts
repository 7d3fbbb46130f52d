import { isEqual, type KubeObject } from '@miniplane/api'
import type { Invocation } from '../cli/command.js'
import { type FlagValues, flag } from '../cli/flags.js'
import { asError, CommandError, throwCollected } from '../errors/errors.js'
import { sortedEntries } from '../printers/go-value.js'
import { printFlags } from '../printers/print-flags.js'
import type { Info } from '../resolve/info.js'
import { resolveInfos } from '../resolve/resolve.js'
import type { Session } from '../session/session.js'
import { sendPatch } from '../write/write.js'
import { type DryRun, dryRunFlag, dryRunOf } from './dry-run.js'
import { fileFlags, fileTargets } from './file-flags.js'
import { resultPrinter } from './result-printer.js'

/** What `label` and `annotate` have in common: they change a map in the metadata. */
export const metadataFlags = {
  ...fileFlags,
  ...printFlags,
  all: flag.bool('Select all resources, in the namespace of the specified resource types'),
  allNamespaces: flag.bool('If true, check the specified action in all namespaces.', {
    short: 'A',
  }),
  dryRun: dryRunFlag,
  fieldManager: flag.string('Name of the manager used to track field ownership.'),
  fieldSelector: flag.string("Selector (field query) to filter on, supports '=', '==', and '!='."),
  list: flag.bool('If true, display the entries for a given resource.'),
  local: flag.bool('If true, do not contact the server.'),
  overwrite: flag.bool('If true, allow entries to be overwritten.'),
  resourceVersion: flag.string(
    'If non-empty, the update will only succeed if this is the current resource-version for the object.',
  ),
  selector: flag.string('Selector (label query) to filter on.', { short: 'l' }),
}

type Flags = FlagValues<typeof metadataFlags>

export interface MetadataKind {
  readonly field: 'labels' | 'annotations'
  readonly noun: 'label' | 'annotation'
  /** The words that change entries: `a=b`, `a-`; everything else names objects. */
  isChange(word: string): boolean
  /** Throws when an entry is not allowed. */
  check(name: string, value: string): void
  /** Throws when entries that are there would be changed without `--overwrite`. */
  refuseOverwrite(
    present: Readonly<Record<string, string>>,
    wanted: Readonly<Record<string, string>>,
  ): void
  outcome(before: Entries, after: Entries, changes: Changes): string
}

type Entries = Readonly<Record<string, string>>

export interface Changes {
  readonly set: Entries
  readonly remove: readonly string[]
}

export async function editMetadata(
  session: Session,
  { args, flags }: Invocation<typeof metadataFlags>,
  kind: MetadataKind,
): Promise<void> {
  const { words, changes } = splitWords(args, kind)
  if (words.length === 0 && flags.filename.length === 0) {
    throw new CommandError(
      'one or more resources must be specified as <resource> <name> or <resource>/<name>',
    )
  }
  const isEmpty = Object.keys(changes.set).length === 0 && changes.remove.length === 0
  if (isEmpty && !flags.list) throw new CommandError(`at least one ${kind.noun} update is required`)
  const { all, selector, fieldSelector, allNamespaces } = flags
  refuseUnfit(flags)
  const dryRun = dryRunOf(flags.dryRun)
  const print = await resultPrinter(session, flags, dryRun)
  const visited = await resolveInfos(session, {
    ...fileTargets(flags),
    args: words,
    all,
    selector,
    fieldSelector,
    allNamespaces,
    local: flags.local,
    latest: !flags.local,
  })
  if (visited.infos.length > 1 && flags.resourceVersion !== '') {
    throw new CommandError('--resource-version may only be used with a single resource')
  }
  const errors: Error[] = []
  for (const info of visited.infos) {
    try {
      const changed = await editOne(session, info, changes, flags, dryRun, kind)
      if (flags.list) listEntries(session, changed, kind, visited.infos.length > 1)
      else print(changed, outcomeOf(session, info.object, changed, changes, kind))
    } catch (error) {
      errors.push(asError(error))
    }
  }
  throwCollected([...errors, ...visited.errors])
}

function refuseUnfit({ all, selector, local, filename }: Flags): void {
  if (all && selector !== '') {
    throw new CommandError('cannot set --all and --selector at the same time')
  }
  if (local && filename.length === 0) {
    throw new CommandError(
      'can only use local files by -f pod.yaml or --filename=pod.json when --local=true is set',
    )
  }
}

function outcomeOf(
  session: Session,
  before: KubeObject,
  after: KubeObject,
  changes: Changes,
  kind: MetadataKind,
): string {
  const present = before.metadata[kind.field] ?? {}
  if (kind.field === 'labels') {
    for (const name of changes.remove) {
      if (!(name in present)) session.line(`label "${name}" not found.`)
    }
  }
  return kind.outcome(present, after.metadata[kind.field] ?? {}, changes)
}

function splitWords(args: readonly string[], kind: MetadataKind) {
  const first = args.findIndex((word) => kind.isChange(word))
  const words = first < 0 ? args : args.slice(0, first)
  const set: Record<string, string> = {}
  const remove: string[] = []
  for (const word of first < 0 ? [] : args.slice(first)) {
    if (!kind.isChange(word)) {
      throw new CommandError(`all resources must be specified before ${kind.noun} changes: ${word}`)
    }
    const equals = word.indexOf('=')
    if (equals > 0) {
      const [name, value] = [word.slice(0, equals), word.slice(equals + 1)]
      kind.check(name, value)
      set[name] = value
    } else remove.push(word.slice(0, -1))
  }
  const both = remove.filter((name) => name in set)
  if (both.length > 0) {
    throw new CommandError(
      kind.noun === 'label'
        ? 'can not both modify and remove a label in the same command'
        : `can not both modify and remove the following annotation(s) in the same command: ${both.join(', ')}`,
    )
  }
  return { words, changes: { set, remove } }
}

async function editOne(
  session: Session,
  info: Info,
  changes: Changes,
  flags: Flags,
  dryRun: DryRun,
  kind: MetadataKind,
): Promise<KubeObject> {
  const present = info.object.metadata[kind.field] ?? {}
  if (!flags.overwrite) kind.refuseOverwrite(present, changes.set)
  const wanted: Record<string, string> = { ...present, ...changes.set }
  for (const name of changes.remove) delete wanted[name]
  const metadata = { ...info.object.metadata, [kind.field]: wanted }
  if (flags.local || dryRun === 'client' || flags.list) return { ...info.object, metadata }
  if (isEqual(present, wanted) && flags.resourceVersion === '') return info.object
  const removed = Object.fromEntries(changes.remove.map((name) => [name, null]))
  const body = {
    metadata: {
      [kind.field]: { ...changes.set, ...removed },
      ...(flags.resourceVersion ? { resourceVersion: flags.resourceVersion } : {}),
    },
  }
  const fieldManager =
    flags.fieldManager || `kubectl-${kind.noun === 'label' ? 'label' : 'annotate'}`
  return sendPatch(session, info, body, { dryRun, type: 'merge', fieldManager })
}

function listEntries(
  session: Session,
  object: KubeObject,
  kind: MetadataKind,
  several: boolean,
): void {
  const apiVersion = object.apiVersion ?? ''
  const group = apiVersion.includes('/') ? apiVersion.split('/')[0] : ''
  const indent = several ? ' ' : ''
  if (several) {
    session.line(`Listing ${kind.field} for ${object.kind}.${group}/${object.metadata.name}:`)
  }
  for (const [name, value] of sortedEntries(object.metadata[kind.field] ?? {})) {
    session.line(`${indent}${name}=${value}`)
  }
}
