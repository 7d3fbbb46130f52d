import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { isEqual, parseYaml } from '@miniplane/api'
import { defineCommand } from '../cli/command.js'
import { flag } from '../cli/flags.js'
import { asError, CommandError, throwCollected } from '../errors/errors.js'
import { openFault } from '../errors/file-fault.js'
import { isReason, withPrefix } from '../errors/status.js'
import { patchedLocally } from '../patch/local-patch.js'
import { printFlags } from '../printers/print-flags.js'
import { groupVersionOf } from '../resolve/discovery.js'
import { isObject } from '../resolve/documents.js'
import type { Info } from '../resolve/info.js'
import { resolveInfos } from '../resolve/resolve.js'
import type { Session } from '../session/session.js'
import { PATCH_TYPES, type PatchKind, sendPatch } from '../write/write.js'
import { dryRunFlag, dryRunOf } from './dry-run.js'
import { fileFlags, fileTargets } from './file-flags.js'
import { resultPrinter } from './result-printer.js'

export const patch = defineCommand({
  usage: 'patch (-f FILENAME | TYPE NAME) [-p PATCH|--patch-file FILE] [options]',
  summary: 'Update fields of a resource',
  examples: [`kubectl patch deployment web -p '{"spec":{"replicas":3}}'`],
  flags: {
    ...fileFlags,
    ...printFlags,
    dryRun: dryRunFlag,
    fieldManager: flag.string('Name of the manager used to track field ownership.', {
      default: 'kubectl-patch',
    }),
    local: flag.bool(
      'If true, patch will operate on the content of the file, not the server-side resource.',
    ),
    patch: flag.string('The patch to be applied to the resource JSON file.', { short: 'p' }),
    patchFile: flag.string('A file containing a patch to be applied to the resource.'),
    subresource: flag.string(
      'If specified, patch will operate on the subresource of the requested object.',
    ),
    type: flag.string('The type of patch being provided; one of [json merge strategic]', {
      default: 'strategic',
    }),
  },
  async run(session, { args, flags, given }) {
    if (flags.patch === '' && flags.patchFile === '') {
      throw new CommandError(
        'must specify --patch or --patch-file containing the contents of the patch',
      )
    }
    if (given.has('patch') && given.has('patchFile')) {
      throw new CommandError('cannot specify --patch and --patch-file together')
    }
    const type = flags.type.toLowerCase()
    if (!(type in PATCH_TYPES)) {
      throw new CommandError(
        `--type must be one of [json merge strategic], not ${JSON.stringify(flags.type)}`,
      )
    }
    const dryRun = dryRunOf(flags.dryRun)
    const text = flags.patchFile === '' ? flags.patch : readPatch(session, flags.patchFile)
    const body = parsePatch(text)
    // What a dry run would have done is reported as if it had been.
    const print = await resultPrinter(session, flags, 'none')
    const visited = await resolveInfos(session, {
      ...fileTargets(flags),
      args,
      local: flags.local,
      latest: !flags.local,
    })
    const errors = [...visited.errors]
    for (const info of visited.infos) {
      try {
        const { subresource, fieldManager } = flags
        const isHere = flags.local || dryRun === 'client'
        const changed = isHere
          ? patchedLocally(info, body, type as PatchKind)
          : await sendPatch(session, info, body, {
              type: type as PatchKind,
              subresource,
              fieldManager,
              dryRun,
            })
        print(changed, isEqual(info.object, changed) ? 'patched (no change)' : 'patched')
      } catch (error) {
        errors.push(explain(asError(error), type as PatchKind, info))
      }
    }
    throwCollected(errors)
  },
})

function explain(error: Error, type: PatchKind, { resource }: Info): Error {
  if (!isReason(error, 'UnsupportedMediaType')) return error
  const kind = `${groupVersionOf(resource)}, Kind=${resource.kind}`
  const prefix = `${PATCH_TYPES[type]} is not supported by ${kind}: `
  return new CommandError(withPrefix(error, prefix).message)
}

function readPatch(session: Session, name: string): string {
  try {
    return readFileSync(resolve(session.environment.folder, name), 'utf8')
  } catch (error) {
    throw new CommandError(`unable to read patch file: ${openFault(name, error)}`)
  }
}

/** A patch may be YAML; it is sent as JSON. */
function parsePatch(text: string): unknown {
  try {
    const value = text.trim() === '' ? null : parseYaml(text).value
    return isObject(value) || Array.isArray(value) ? value : JSON.stringify(value)
  } catch (error) {
    // What begins as JSON is the server's to read.
    if (/^\s*\{/.test(text)) return new TextEncoder().encode(text)
    throw new CommandError(`unable to parse ${JSON.stringify(text)}: ${(error as Error).message}`)
  }
}
