import type { KubeObject } from '@miniplane/api'
import { lastAppliedOf, withLastApplied } from '../apply/last-applied.js'
import { defineCommand } from '../cli/command.js'
import { type FlagValues, flag } from '../cli/flags.js'
import { asError, CommandError, throwCollected } from '../errors/errors.js'
import { isNotFound, withSource } from '../errors/status.js'
import { sendRaw } from '../get/raw.js'
import { printFlags } from '../printers/print-flags.js'
import { type Info, kindPrefix } from '../resolve/info.js'
import { infosFromManifests } from '../resolve/manifest-infos.js'
import { resourcePath } from '../resolve/paths.js'
import type { Session } from '../session/session.js'
import { WEEK_MS, waitUntilGone } from '../waiting/until.js'
import { sendCreate, sendReplace, type WriteOptions } from '../write/write.js'
import { cascadeOf, deleteOne } from './delete.js'
import { dryRunFlag, dryRunOf } from './dry-run.js'
import { fileFlags, fileTargets, requireFile } from './file-flags.js'
import { resultPrinter } from './result-printer.js'
import { fieldValidationOf, validateFlag } from './validation.js'

const flags = {
  ...fileFlags,
  ...printFlags,
  cascade: flag.string('Deletion cascading strategy, with --force.', { default: 'background' }),
  dryRun: dryRunFlag,
  fieldManager: flag.string('Name of the manager used to track field ownership.', {
    default: 'kubectl-replace',
  }),
  force: flag.bool('If true, delete the resource and create it anew.'),
  gracePeriod: flag.int('Seconds given to a resource to terminate, with --force.', { default: -1 }),
  raw: flag.string('Raw URI to PUT to the server.'),
  saveConfig: flag.bool(
    'If true, the configuration of current object will be saved in its annotation.',
  ),
  subresource: flag.string(
    'If specified, replace will operate on the subresource of the requested object.',
  ),
  timeout: flag.duration('The length of time to wait before giving up on a delete, with --force.'),
  validate: validateFlag,
}

type Flags = FlagValues<typeof flags>

export const replace = defineCommand({
  usage: 'replace -f FILENAME [options]',
  summary: 'Replace a resource by file name or stdin',
  examples: ['kubectl replace -f web.yaml'],
  flags,
  async run(session, { args, flags, path }) {
    if (args.length > 0)
      throw new CommandError(
        `Unexpected args: [${args.join(' ')}]\nSee '${path} -h' for help and examples`,
      )
    requireFile(flags)
    if (flags.raw !== '') return sendRaw(session, 'PUT', flags.raw, flags.filename)
    const dryRun = dryRunOf(flags.dryRun)
    const fieldValidation = fieldValidationOf(flags.validate)
    const print = await resultPrinter(session, flags, dryRun)
    const validate = fieldValidation !== 'Ignore'
    const { infos, errors } = await infosFromManifests(session, { ...fileTargets(flags), validate })
    if (infos.length === 0 && errors.length === 0)
      throw new CommandError('no objects passed to replace')
    const { fieldManager, subresource } = flags
    const write: WriteOptions = { dryRun, fieldManager, fieldValidation, subresource }
    if (flags.force) await deleteFirst(session, infos, flags)
    for (const info of infos) {
      try {
        const isKept = flags.saveConfig || lastAppliedOf(info.object) !== undefined
        const object = isKept ? withLastApplied(info.object) : info.object
        const made = flags.force
          ? await sendCreate(session, info, object, { dryRun, fieldManager, fieldValidation })
          : await replaceOne(session, info, object, write)
        print(made, 'replaced')
      } catch (error) {
        errors.push(withSource(asError(error), 'replacing', info.source))
      }
    }
    throwCollected(errors)
  },
})

async function replaceOne(
  session: Session,
  info: Info,
  object: KubeObject,
  write: WriteOptions,
): Promise<KubeObject> {
  if (write.dryRun === 'client') return object
  const { resourceVersion } = object.metadata
  const kept = resourceVersion ? object : await withCurrentVersion(session, info, object)
  return sendReplace(session, info, kept, write)
}

/** A manifest that names no version replaces whatever is there. */
async function withCurrentVersion(
  session: Session,
  info: Info,
  object: KubeObject,
): Promise<KubeObject> {
  const path = resourcePath(info.resource, info.namespace, info.name)
  const current = await session.rest.object({ method: 'GET', path })
  const { resourceVersion } = current.metadata
  return {
    ...object,
    metadata: { ...object.metadata, ...(resourceVersion ? { resourceVersion } : {}) },
  }
}

async function deleteFirst(session: Session, infos: readonly Info[], flags: Flags): Promise<void> {
  const deletion = {
    propagationPolicy: cascadeOf(flags.cascade),
    gracePeriodSeconds: flags.gracePeriod < 0 ? undefined : flags.gracePeriod,
    dryRun: 'none' as const,
  }
  for (const info of infos) {
    try {
      const uid = await deleteOne(session, info, deletion)
      const from = info.namespace === '' ? '' : ` from ${info.namespace} namespace`
      session.line(`${kindPrefix(info.resource)} "${info.name}" deleted${from}`)
      await waitUntilGone(session, info, uid, flags.timeout || WEEK_MS)
    } catch (error) {
      if (!isNotFound(error)) throw error
    }
  }
}
