import { defineCommand } from '../cli/command.js'
import { flag } from '../cli/flags.js'
import { describerOf } from '../describe/describers.js'
import { DescribeWriter } from '../describe/writer.js'
import { CommandError, throwCollected } from '../errors/errors.js'
import { isNotFound } from '../errors/status.js'
import { DESCRIBE_LAYOUT, layOut } from '../printers/tab-writer.js'
import type { Info } from '../resolve/info.js'
import { resolveInfos } from '../resolve/resolve.js'
import type { Session } from '../session/session.js'
import { fileFlags, fileTargets } from './file-flags.js'

const flags = {
  ...fileFlags,
  allNamespaces: flag.bool('If present, list the requested object(s) across all namespaces.', {
    short: 'A',
  }),
  chunkSize: flag.int('Return large lists in chunks rather than all at once.', { default: 500 }),
  selector: flag.string('Selector (label query) to filter on.', { short: 'l' }),
  showEvents: flag.bool(
    'If true, display events related to the described object. Defaults to true for a single object, false for multiple objects and prefix matching.',
    { default: true },
  ),
}

export const describe = defineCommand({
  usage: 'describe (-f FILENAME | TYPE [NAME_PREFIX | -l label] | TYPE/NAME) [options]',
  summary: 'Show details of a specific resource or group of resources',
  examples: ['kubectl describe pods/web', 'kubectl describe pods -l app=web'],
  flags,
  async run(session, { args, flags, given }) {
    if (args.length === 0 && flags.filename.length === 0 && flags.kustomize === '') {
      throw new CommandError(
        'You must specify the type of resource to describe. Use "kubectl api-resources" for a complete list of supported resources.',
      )
    }
    const { selector, allNamespaces } = flags
    const visited = await resolveInfos(session, {
      ...fileTargets(flags),
      args,
      selector,
      allNamespaces,
      bareTypeMeansAll: true,
      latest: true,
    })
    const { infos, errors } = visited
    const [error] = errors
    const isOfMany = (error !== undefined || infos.length > 1) && !given.has('showEvents')
    const showEvents = flags.showEvents && !isOfMany
    if (error && args.length === 2 && isNotFound(error)) {
      return describeByPrefix(session, args as [string, string], error, showEvents)
    }
    for (const [at, info] of infos.entries()) {
      const text = await describeOne(session, info, showEvents)
      session.out.stdout(at === 0 ? text : `\n\n${text}`)
    }
    if (infos.length === 0 && errors.length === 0) {
      session.out.stderr(
        allNamespaces
          ? 'No resources found\n'
          : `No resources found in ${session.namespace} namespace.\n`,
      )
    }
    throwCollected(errors)
  },
})

async function describeOne(session: Session, info: Info, showEvents: boolean): Promise<string> {
  const { group, kind } = info.resource
  const describer = await describerOf(group, kind)
  const writer = new DescribeWriter()
  const object = { ...info.object, kind: info.object.kind ?? kind }
  const nowMs = session.clock.now()
  await describer(object, { session, writer, resource: info.resource, showEvents, nowMs })
  return layOut(DESCRIBE_LAYOUT, writer.text)
}

/** A name that is not there may be the beginning of names that are. */
async function describeByPrefix(
  session: Session,
  [type, prefix]: [string, string],
  notFound: Error,
  showEvents: boolean,
): Promise<void> {
  const { infos } = await resolveInfos(session, { args: [type], bareTypeMeansAll: true })
  const matching = infos.filter(({ name }) => name.startsWith(prefix))
  if (matching.length === 0) throw notFound
  for (const info of matching) {
    session.out.stdout(`${await describeOne(session, info, showEvents)}\n`)
  }
}
