import type { CausalRecord } from '@miniplane/api'
import { defineCommand } from '../cli/command.js'
import { usageError } from '../cli/dispatch.js'
import { flag } from '../cli/flags.js'
import { CommandError } from '../errors/errors.js'
import { isNotFound } from '../errors/status.js'
import { displayName } from '../resolve/info.js'
import { resourcePath } from '../resolve/paths.js'
import { getNamed, resolveTargets, type Target } from '../resolve/resolve.js'
import { liveObject } from '../session/live-object.js'
import type { Session } from '../session/session.js'
import { causalTrees, type Owners } from '../trace/causal-tree.js'
import { treeLines } from '../trace/print-tree.js'

type NamedTarget = Extract<Target, { by: 'name' }>

const CAUSES_PATH = '/debug/miniplane/causes'

export const trace = defineCommand({
  usage: 'trace (TYPE/NAME | TYPE NAME) [options]',
  summary: 'Show the chain of causes from a request to what runs',
  long: `Show the chain of causes from a request to what runs.

 Every write records why it was made: the request, or the changes that its controller reacted to.
 An edge that had to be inferred, because the writer recorded no cause, says so.`,
  examples: ['kubectl-lite trace deployment/web', 'kubectl-lite trace deployment/web -o json'],
  flags: { output: flag.string('Output format. One of: (json).', { short: 'o' }) },
  async run(session, { args, flags, path }) {
    if (args.length === 0) throw usageError(path, 'TYPE/NAME is required for trace')
    if (flags.output !== '' && flags.output !== 'json') {
      throw new CommandError("--output must be 'json'")
    }
    const { targets } = await resolveTargets(session, { args })
    const records = await causes(session)
    for (const target of targets) {
      if (target.by !== 'name') continue
      const uid = writtenUid(records, target) ?? (await uidOf(session, target))
      const owners = await ownersOf(session, records, uid, target.namespace)
      const trees = causalTrees(records, uid, owners)
      if (trees.length === 0) {
        throw new CommandError(`the server remembers no write of ${displayName(target)}`)
      }
      if (flags.output === 'json') {
        session.line(JSON.stringify({ target: displayName(target), trees }, undefined, 2))
      } else {
        session.line(displayName(target))
        for (const line of treeLines(trees, session.out.isTTY)) session.line(line)
      }
    }
  },
})

async function causes(session: Session): Promise<readonly CausalRecord[]> {
  try {
    const answer = await session.rest.object({ method: 'GET', path: CAUSES_PATH })
    return (answer as unknown as { records: CausalRecord[] }).records
  } catch (error) {
    if (!isNotFound(error)) throw error
    throw new CommandError('this server keeps no causes: trace works with miniplane only')
  }
}

/** Of the object that was written last under this name: it may be gone. */
function writtenUid(
  records: readonly CausalRecord[],
  { resource, namespace, name }: NamedTarget,
): string | undefined {
  const key = namespace === '' ? name : `${namespace}/${name}`
  return records.findLast(
    (record) => record.resource === `${resource.group}/${resource.resource}` && record.key === key,
  )?.uid
}

async function uidOf(session: Session, { resource, namespace, name }: NamedTarget) {
  const path = resourcePath(resource, namespace, name)
  return (await getNamed(session, { path, namespace })).metadata.uid ?? ''
}

/** Who owns the objects that were written without a recorded cause. */
async function ownersOf(
  session: Session,
  records: readonly CausalRecord[],
  uid: string,
  namespace: string,
): Promise<Owners> {
  const mapper = await session.mapper()
  const owners = new Map<string, string[]>()
  const first = records.findIndex((record) => record.uid === uid)
  for (const record of first < 0 ? [] : records.slice(first)) {
    if (record.cause || record.verb !== 'create' || owners.has(record.uid)) continue
    if (!record.key.startsWith(`${namespace}/`)) continue
    const [group = '', plural = ''] = record.resource.split('/')
    const resource = mapper.resources.find((one) => one.group === group && one.resource === plural)
    if (!resource?.namespaced || plural === 'events') continue
    const [, name = ''] = record.key.split('/')
    const object = await liveObject(session, resourcePath(resource, namespace, name))
    const references = object?.metadata.ownerReferences ?? []
    owners.set(
      record.uid,
      references.map(({ uid }) => uid),
    )
  }
  return owners
}
