import type { KubeList, KubeObject, Pod } from '@miniplane/api'
import { defineCommand } from '../cli/command.js'
import { usageError } from '../cli/dispatch.js'
import { type FlagValues, flag } from '../cli/flags.js'
import { CommandError } from '../errors/errors.js'
import { isNotFound } from '../errors/status.js'
import { resourcePath } from '../resolve/paths.js'
import { resolveInfos } from '../resolve/resolve.js'
import type { Session } from '../session/session.js'
import { chooseContainer } from '../workload/container-choice.js'
import { podsOf } from '../workload/pods-of.js'

const PODS = { group: '', version: 'v1', resource: 'pods', namespaced: true }

const flags = {
  allContainers: flag.bool("Get all containers' logs in the pod(s)."),
  allPods: flag.bool('Get logs from all pod(s).'),
  container: flag.string('Print the logs of this container', { short: 'c' }),
  follow: flag.bool('Specify if the logs should be streamed.', { short: 'f' }),
  ignoreErrors: flag.bool(
    'If watching / following pod logs, allow for any errors that occur to be non-fatal',
  ),
  limitBytes: flag.int('Maximum bytes of logs to return. Defaults to no limit.'),
  maxLogRequests: flag.int(
    'Specify maximum number of concurrent logs to follow when using by a selector.',
    { default: 5 },
  ),
  podRunningTimeout: flag.duration('The length of time to wait until at least one pod is running', {
    default: 20_000,
  }),
  prefix: flag.bool('Prefix each log line with the log source (pod name and container name)'),
  previous: flag.bool(
    'If true, print the logs for the previous instance of the container in a pod if it exists.',
    { short: 'p' },
  ),
  selector: flag.string('Selector (label query) to filter on.', { short: 'l' }),
  since: flag.duration('Only return logs newer than a relative duration like 5s, 2m, or 3h.'),
  sinceTime: flag.string('Only return logs after a specific date (RFC3339).'),
  tail: flag.int(
    'Lines of recent log file to display. Defaults to -1 with no selector, showing all log lines.',
    { default: -1 },
  ),
  timestamps: flag.bool('Include timestamps on each line in the log output'),
}

type Flags = FlagValues<typeof flags>

const EXPECTED = `expected 'logs [-f] [-p] (POD | TYPE/NAME) [-c CONTAINER]'.
POD or TYPE/NAME is a required argument for the logs command`

export const logs = defineCommand({
  usage: 'logs [-f] [-p] (POD | TYPE/NAME) [-c CONTAINER] [options]',
  summary: 'Print the logs for a container in a pod',
  flags,
  async run(session, { args, flags, path }) {
    const [target, inline, ...more] = args
    if ((target === undefined && flags.selector === '') || more.length > 0)
      throw usageError(path, EXPECTED)
    if (inline !== undefined && flags.container !== '') {
      throw new CommandError('only one of -c or an inline [CONTAINER] arg is allowed')
    }
    if (target !== undefined && flags.selector !== '') {
      throw usageError(path, 'only a selector (-l) or a POD name is allowed')
    }
    const pods =
      flags.selector === ''
        ? await namedPods(session, target ?? '')
        : await selectedPods(session, flags.selector)
    if (pods.length === 0) {
      session.out.stderr(`No resources found in ${session.namespace} namespace.\n`)
      return
    }
    checkRange(flags)
    for (const pod of pods) {
      const names = flags.allContainers
        ? (pod.spec?.containers ?? []).map(({ name }) => name)
        : [chooseContainer(session, pod, flags.container || (inline ?? ''))]
      for (const name of names) await printLog(session, pod, name, flags)
    }
  },
})

function checkRange(flags: Flags): void {
  if (flags.tail < -1) throw new CommandError('--tail must be greater than or equal to -1')
  if (flags.since > 0 && flags.sinceTime !== '') {
    throw new CommandError('at most one of `sinceTime` or `sinceSeconds` may be specified')
  }
}

async function namedPods(session: Session, target: string): Promise<Pod[]> {
  const args = target.includes('/') ? [target] : ['pods', target]
  const { infos, errors } = await resolveInfos(session, { args, latest: true })
  const [error] = errors
  if (isNotFound(error)) {
    throw new CommandError(
      `error from server (NotFound): ${error.message} in namespace "${session.namespace}"`,
    )
  }
  if (error) throw error
  const [info] = infos
  if (!info) return []
  const pods = await podsOf(session, info.object)
  const [first] = pods
  if (pods.length > 1 && first)
    session.out.stderr(`Found ${pods.length} pods, using pod/${first.metadata.name}\n`)
  return first ? [first] : []
}

async function selectedPods(session: Session, labelSelector: string): Promise<Pod[]> {
  const path = resourcePath(PODS, session.namespace)
  const list = await session.rest.object({ method: 'GET', path, query: { labelSelector } })
  return (list as unknown as KubeList).items as unknown as Pod[]
}

async function printLog(
  session: Session,
  pod: Pod,
  container: string,
  flags: Flags,
): Promise<void> {
  const { name = '', namespace } = (pod as unknown as KubeObject).metadata
  const log = await session.rest.stream({
    method: 'GET',
    path: resourcePath(PODS, namespace, name, 'log'),
    query: {
      container,
      follow: flags.follow ? 'true' : undefined,
      previous: flags.previous ? 'true' : undefined,
      timestamps: flags.timestamps ? 'true' : undefined,
      tailLines: flags.tail >= 0 ? String(flags.tail) : undefined,
      limitBytes: flags.limitBytes > 0 ? String(flags.limitBytes) : undefined,
      sinceSeconds: flags.since > 0 ? String(Math.ceil(flags.since / 1000)) : undefined,
      sinceTime: flags.sinceTime || undefined,
    },
  })
  const decoder = new TextDecoder()
  for await (const bytes of log) session.out.stdout(decoder.decode(bytes, { stream: true }))
}
