import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { isEqual, type KubeObject, parseYaml } from '@miniplane/api'
import { mergeSchemaOf } from '../apply/schemas.js'
import { defineCommand } from '../cli/command.js'
import { flag } from '../cli/flags.js'
import { asError, CommandError, throwCollected } from '../errors/errors.js'
import { isReason } from '../errors/status.js'
import { jsonText, yamlText } from '../printers/object-text.js'
import { printFlags, unknownFormat } from '../printers/print-flags.js'
import { writePrivate } from '../private-file.js'
import { groupResourceOf } from '../resolve/discovery.js'
import { isObject } from '../resolve/documents.js'
import { displayName, type Info } from '../resolve/info.js'
import { resolveInfos } from '../resolve/resolve.js'
import type { Session } from '../session/session.js'
import { sendPatch } from '../write/write.js'
import { fileFlags, fileTargets } from './file-flags.js'
import { patchBetween } from './set/update-objects.js'

const HEADER = `# Please edit the object below. Lines beginning with a '#' will be ignored,
# and an empty file will abort the edit. If an error occurs while saving this file will be
# reopened with the relevant failures.
#
`

export const edit = defineCommand({
  usage: 'edit (RESOURCE/NAME | -f FILENAME) [options]',
  summary: 'Edit a resource on the server',
  examples: ['kubectl edit deployment/web', 'KUBE_EDITOR=nano kubectl edit configmap conf'],
  flags: {
    ...fileFlags,
    output: printFlags.output,
    fieldManager: flag.string('Name of the manager used to track field ownership.', {
      default: 'kubectl-edit',
    }),
    outputPatch: flag.bool('Output the patch if the resource is edited.'),
    saveConfig: flag.bool('Accepted and ignored.', { hidden: true }),
    showManagedFields: printFlags.showManagedFields,
    subresource: flag.string(
      'If specified, edit will operate on the subresource of the requested object.',
    ),
    windowsLineEndings: flag.bool('Accepted and ignored.', { hidden: true }),
  },
  async run(session, { args, flags }) {
    if (!['', 'json', 'yaml', 'kyaml'].includes(flags.output)) {
      throw unknownFormat(flags.output, ['json', 'kyaml', 'yaml'])
    }
    const visited = await resolveInfos(session, { ...fileTargets(flags), args, latest: true })
    throwCollected(visited.errors)
    const json = flags.output === 'json'
    for (const info of visited.infos) await editOne(session, info, json, flags)
  },
})

async function editOne(
  session: Session,
  info: Info,
  json: boolean,
  flags: { fieldManager: string; subresource: string; showManagedFields: boolean },
): Promise<void> {
  const { managedFields, ...metadata } = info.object.metadata
  const plain = flags.showManagedFields ? info.object : { ...info.object, metadata }
  const original = json ? jsonText(plain) : yamlText(plain)
  let reasons: readonly string[] = []
  let text = original
  let path = ''
  for (;;) {
    path = temporaryPath(session, json)
    writePrivate(path, `${json ? '' : headerWith(info, reasons)}${text}`)
    openEditor(session, path, reasons.length > 0)
    const edited = withoutComments(readFileSync(path, 'utf8'))
    if (edited.trim() === '') {
      session.out.stderr('Edit cancelled, saved file was empty.\n')
      return
    }
    if (edited.trimEnd() === text.trimEnd()) {
      if (reasons.length === 0) {
        session.out.stderr('Edit cancelled, no changes made.\n')
        return
      }
      session.out.stderr(`A copy of your changes has been stored to "${path}"\n`)
      throw new CommandError('Edit cancelled, no valid changes were saved.')
    }
    const outcome = await save(session, info, plain, edited, flags)
    if (outcome === undefined) return
    if (outcome.shown !== '') session.out.stderr(`${outcome.shown}\n`)
    reasons = outcome.reasons
    text = edited
  }
}

interface Refused {
  readonly shown: string
  readonly reasons: readonly string[]
}

/** Sends what was changed; returns why it was refused when that can be mended in the editor. */
async function save(
  session: Session,
  info: Info,
  plain: KubeObject,
  edited: string,
  flags: { fieldManager: string; subresource: string },
): Promise<Refused | undefined> {
  let object: unknown
  try {
    object = parseYaml(edited).value
  } catch (error) {
    const { message } = asError(error)
    const what = `${groupResourceOf(info.resource)} "${info.name}"`
    return {
      shown: `error: ${what} is invalid`,
      reasons: [`${what} was not valid:`, `* ${message}`],
    }
  }
  if (!isObject(object)) return { shown: 'error: not an object', reasons: ['not an object'] }
  if (isEqual(object, plain)) {
    session.out.stderr('Edit cancelled, no changes made.\n')
    return undefined
  }
  const renamed = object as unknown as KubeObject
  if (identityOf(renamed) !== identityOf(plain)) {
    return { shown: '', reasons: ['at least one of apiVersion, kind and name was changed'] }
  }
  const body = patchBetween({ ...info, object: plain }, object as unknown as KubeObject)
  const type = mergeSchemaOf(info.resource) ? 'strategic' : 'merge'
  try {
    const { fieldManager, subresource } = flags
    await sendPatch(session, info, body, { dryRun: 'none', type, fieldManager, subresource })
    session.line(`${displayName(info)} edited`)
    return undefined
  } catch (error) {
    if (!isReason(error, 'Invalid') && !isReason(error, 'BadRequest')) throw error
    const what = `${groupResourceOf(info.resource)} "${info.name}"`
    const causes = error.status.details?.causes ?? []
    const reasons = causes.map(({ field, message }) => `${field}: ${message}`)
    return {
      shown: `error: ${what} is invalid`,
      reasons: [
        `${what} was not valid:`,
        ...(reasons.length > 0 ? reasons.map((one) => `* ${one}`) : [`* ${error.message}`]),
      ],
    }
  }
}

const identityOf = ({ apiVersion, kind, metadata }: KubeObject): string =>
  [apiVersion, kind, metadata?.name].join()

const headerWith = (_info: Info, reasons: readonly string[]): string =>
  reasons.length === 0 ? HEADER : `${HEADER}${reasons.map((line) => `# ${line}\n`).join('')}#\n`

const withoutComments = (text: string): string => text.replace(/^#.*\n?/gm, '')

function temporaryPath(session: Session, json: boolean): string {
  const number = Array.from(session.environment.random.bytes(4)).reduce(
    (sum, byte) => sum * 256 + byte,
    0,
  )
  const folder = session.environment.variables.TMPDIR ?? '/tmp'
  return join(folder, `kubectl-edit-${number}.${json ? 'json' : 'yaml'}`)
}

/** Opens the user's editor on the file and waits for it. */
function openEditor(session: Session, path: string, isRetry: boolean): void {
  const { KUBE_EDITOR, EDITOR } = session.environment.variables
  const editor = KUBE_EDITOR || EDITOR || 'vi'
  // A word alone needs no shell, which would have its own say when there is no such program.
  const result = /^[\w./-]+$/.test(editor)
    ? spawnSync(editor, [path], { stdio: 'inherit' })
    : spawnSync('/bin/sh', ['-c', `${editor} "$1"`, 'editor', path], { stdio: 'inherit' })
  if (result.status === 0) return
  if (isRetry) session.out.stderr(`A copy of your changes has been stored to "${path}"\n`)
  if (result.error) throw new CommandError(`unable to launch the editor ${JSON.stringify(editor)}`)
  throw new CommandError(`there was a problem with the editor ${JSON.stringify(editor)}`)
}
