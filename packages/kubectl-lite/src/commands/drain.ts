import { defineCommand } from '../cli/command.js'
import { usageError } from '../cli/dispatch.js'
import { flag } from '../cli/flags.js'
import { asError, ErrorList, throwCollected } from '../errors/errors.js'
import { type DrainOptions, drainNode } from '../workload/drain.js'
import { nodesOf, setUnschedulable } from './cordon.js'
import { dryRunFlag, dryRunOf, dryRunSuffix } from './dry-run.js'

export const drain = defineCommand({
  usage: 'drain NODE [options]',
  summary: 'Drain node in preparation for maintenance',
  examples: [
    'kubectl drain node-1 --ignore-daemonsets',
    'kubectl drain node-1 --force --grace-period=900',
  ],
  flags: {
    chunkSize: flag.int('Return large lists in chunks rather than all at once.', { default: 500 }),
    deleteEmptydirData: flag.bool(
      'Continue even if there are pods using emptyDir (local data that will be deleted when the node is drained).',
    ),
    disableEviction: flag.bool('Force drain to use delete, even if eviction is supported.'),
    dryRun: dryRunFlag,
    force: flag.bool('Continue even if there are pods that do not declare a controller.'),
    gracePeriod: flag.int('Period of time in seconds given to each pod to terminate gracefully.', {
      default: -1,
    }),
    ignoreDaemonsets: flag.bool('Ignore DaemonSet-managed pods.'),
    podSelector: flag.string('Label selector to filter pods on the node'),
    selector: flag.string('Selector (label query) to filter on.', { short: 'l' }),
    skipWaitForDeleteTimeout: flag.int(
      'If pod DeletionTimestamp older than N seconds, skip waiting for the pod.',
    ),
    timeout: flag.duration('The length of time to wait before giving up, zero means infinite'),
  },
  async run(session, { args, flags, path }) {
    if (args.length === 0 && flags.selector === '')
      throw usageError(path, 'USAGE: drain NODE [flags]')
    if (args.length > 0 && flags.selector !== '') {
      throw usageError(path, 'cannot specify both a node name and a --selector option')
    }
    const dryRun = dryRunOf(flags.dryRun)
    const { infos, errors } = await nodesOf(session, args, flags.selector)
    throwCollected(errors)
    for (const info of infos) await setUnschedulable(session, info, true, dryRun)
    const options: DrainOptions = { ...flags, dryRun }
    const failures: Error[] = []
    const pending: string[] = []
    for (const { name } of infos) {
      try {
        await drainNode(session, name, options)
        session.line(`node/${name} drained${dryRunSuffix(dryRun)}`)
      } catch (error) {
        const failure = asError(error)
        session.out.stderr(
          `error: unable to drain node "${name}" due to error: ${failure.message}, continuing command...\n`,
        )
        failures.push(...(failure instanceof ErrorList ? failure.errors : [failure]))
        pending.push(name)
      }
    }
    if (pending.length === 0) return
    session.out.stderr(
      `There are pending nodes to be drained:\n${pending.map((name) => ` ${name}\n`).join('')}`,
    )
    // Printed a line each, without the prefix that a single error would get.
    throw new ErrorList([new ErrorList(failures)])
  },
})
