import type { KubeObject } from '@miniplane/api'
import { createTwoFilesPatch } from 'diff'
import { withoutLastApplied } from '../apply/last-applied.js'
import { applyPatch } from '../apply/patcher.js'
import { mergeSchemaOf } from '../apply/schemas.js'
import { APPLY_PATCH } from '../apply/server-side.js'
import { defineCommand } from '../cli/command.js'
import { flag } from '../cli/flags.js'
import { throwCollected } from '../errors/errors.js'
import { yamlText } from '../printers/object-text.js'
import type { Info } from '../resolve/info.js'
import { infosFromManifests } from '../resolve/manifest-infos.js'
import { resourcePath } from '../resolve/paths.js'
import { liveObject } from '../session/live-object.js'
import type { Session } from '../session/session.js'
import { sendCreate, sendPatch } from '../write/write.js'
import { fileFlags, fileTargets, requireFile } from './file-flags.js'

const dryRun = 'server' as const

export const diff = defineCommand({
  usage: 'diff -f FILENAME [options]',
  summary: 'Diff the live version against a would-be applied version',
  examples: ['kubectl diff -f web.yaml'],
  flags: {
    ...fileFlags,
    concurrency: flag.int('Accepted and ignored.', { default: 1, hidden: true }),
    fieldManager: flag.string('Name of the manager used to track field ownership.', {
      default: 'kubectl-client-side-apply',
    }),
    forceConflicts: flag.bool(
      'If true, server-side apply will force the changes against conflicts.',
    ),
    prune: flag.bool('Accepted and ignored.', { hidden: true }),
    selector: flag.string('Selector (label query) to filter on.', { short: 'l' }),
    serverSide: flag.bool('If true, apply runs in the server instead of the client.'),
    showManagedFields: flag.bool('If true, include managed fields in the diff.'),
  },
  failureCode: 2,
  async run(session, { flags }) {
    requireFile(flags)
    const { infos, errors } = await infosFromManifests(session, {
      ...fileTargets(flags),
      selector: flags.selector,
    })
    throwCollected(errors)
    const folder = session.environment.variables.TMPDIR ?? '/tmp'
    const suffix = Array.from(session.environment.random.bytes(4)).reduce(
      (sum, byte) => sum * 256 + byte,
      0,
    )
    let differs = false
    for (const info of infos) {
      const live = await liveObject(session, resourcePath(info.resource, info.namespace, info.name))
      const merged = await mergedObject(session, info, live, flags)
      const [from, to] = [
        shown(live, flags.showManagedFields),
        shown(merged, flags.showManagedFields),
      ]
      if (from === to) continue
      differs = true
      const name = fileName(info)
      printDiff(
        session,
        `${folder}/LIVE-${suffix}/${name}`,
        `${folder}/MERGED-${suffix}/${name}`,
        from,
        to,
      )
    }
    return differs ? 1 : 0
  },
})

const fileName = ({ resource, namespace, name }: Info): string =>
  [resource.group, resource.version, resource.kind, namespace, name].filter(Boolean).join('.')

/** What the server would make of it. */
async function mergedObject(
  session: Session,
  info: Info,
  live: KubeObject | undefined,
  flags: { serverSide: boolean; forceConflicts: boolean; fieldManager: string },
): Promise<KubeObject> {
  const { fieldManager } = flags
  if (flags.serverSide) {
    return session.rest.object({
      method: 'PATCH',
      path: resourcePath(info.resource, info.namespace, info.name),
      query: { dryRun: 'All', fieldManager: 'kubectl', force: String(flags.forceConflicts) },
      body: info.object,
      contentType: APPLY_PATCH,
    })
  }
  if (!live) return sendCreate(session, info, info.object, { dryRun, fieldManager })
  const schema = mergeSchemaOf(info.resource)
  // What was applied last is no part of the difference.
  const body = applyPatch(live, withoutLastApplied(info.object), schema)
  const type = schema ? 'strategic' : 'merge'
  return sendPatch(session, info, body, { dryRun, type, fieldManager })
}

/** The object as YAML; what changes with every write is left out, and Secrets are masked. */
function shown(object: KubeObject | undefined, keepManaged: boolean): string {
  if (!object) return ''
  const { managedFields, ...metadata } = object.metadata
  const kept = keepManaged && managedFields ? { ...metadata, managedFields } : metadata
  return yamlText({ ...masked(object), metadata: kept })
}

function masked(object: KubeObject): KubeObject {
  if (object.kind !== 'Secret' || !object.data) return object
  const data = Object.fromEntries(Object.keys(object.data).map((key) => [key, '***']))
  return { ...object, data }
}

function printDiff(
  session: Session,
  from: string,
  to: string,
  before: string,
  after: string,
): void {
  const now = new Date(session.clock.now())
    .toISOString()
    .replace('T', ' ')
    .replace(/Z$/, '000000 +0000')
  const patch = createTwoFilesPatch(from, to, before, after, now, now, { context: 3 })
  const body = patch.split('\n').slice(1).join('\n')
  session.out.stdout(`diff -u -N ${from} ${to}\n${body}`)
}
