import type { KubeObject, Scale } from '@miniplane/api'
import { sleep } from '@miniplane/api'
import { defineCommand } from '../cli/command.js'
import { type FlagValues, flag } from '../cli/flags.js'
import { asError, CommandError, throwCollected } from '../errors/errors.js'
import { isConflict } from '../errors/status.js'
import { limits } from '../limits.js'
import { printFlags } from '../printers/print-flags.js'
import type { Info } from '../resolve/info.js'
import { resourcePath } from '../resolve/paths.js'
import { resolveInfos } from '../resolve/resolve.js'
import type { Session } from '../session/session.js'
import { sendPatch, sendReplace } from '../write/write.js'
import { type DryRun, dryRunFlag, dryRunOf } from './dry-run.js'
import { fileFlags, fileTargets } from './file-flags.js'
import { resultPrinter } from './result-printer.js'

const flags = {
  ...fileFlags,
  ...printFlags,
  all: flag.bool('Select all resources in the namespace of the specified resource types'),
  currentReplicas: flag.int(
    'Precondition for current size. Requires that the current size of the resource match this value in order to scale.',
    { default: -1 },
  ),
  dryRun: dryRunFlag,
  replicas: flag.int('The new desired number of replicas. Required.', { required: true }),
  resourceVersion: flag.string('Precondition for resource version.'),
  selector: flag.string('Selector (label query) to filter on.', { short: 'l' }),
  timeout: flag.duration(
    "The length of time to wait before giving up on a scale operation, zero means don't wait.",
  ),
}

type Flags = FlagValues<typeof flags>

export const scale = defineCommand({
  usage:
    'scale [--resource-version=version] [--current-replicas=count] --replicas=COUNT (-f FILENAME | TYPE NAME) [options]',
  summary: 'Set a new size for a deployment, replica set, or replication controller',
  examples: ['kubectl scale --replicas=3 deployment/web'],
  flags,
  async run(session, { args, flags }) {
    if (flags.replicas < 0) {
      throw new CommandError(
        'The --replicas=COUNT flag is required, and COUNT must be greater than or equal to 0',
      )
    }
    const dryRun = dryRunOf(flags.dryRun)
    const print = await resultPrinter(session, flags, dryRun)
    const { all, selector } = flags
    const visited = await resolveInfos(session, {
      ...fileTargets(flags),
      args,
      all,
      selector,
      latest: true,
    })
    if (visited.infos.length + visited.errors.length === 0) {
      throw new CommandError('no objects passed to scale')
    }
    const errors = [...visited.errors]
    for (const info of visited.infos) {
      try {
        await scaleOne(session, info, flags, dryRun)
        print(info.object, 'scaled')
      } catch (error) {
        errors.push(asError(error))
      }
    }
    throwCollected(errors)
  },
})

async function scaleOne(session: Session, info: Info, flags: Flags, dryRun: DryRun): Promise<void> {
  if (dryRun === 'client') return
  const write = { dryRun, subresource: 'scale', fieldManager: 'kubectl-scale' }
  if (flags.currentReplicas < 0 && flags.resourceVersion === '') {
    const body = { spec: { replicas: flags.replicas } }
    await sendPatch(session, info, body, { ...write, type: 'merge' })
    return
  }
  const path = resourcePath(info.resource, info.namespace, info.name, 'scale')
  for (let tries = 1; ; tries++) {
    const current = (await session.rest.object({ method: 'GET', path })) as KubeObject & Scale
    checkPreconditions(current, flags)
    const spec = { ...current.spec, replicas: flags.replicas }
    try {
      // The size carries its resourceVersion: a change meanwhile is a conflict, not a loss.
      await sendReplace(session, info, { ...current, spec }, write)
      return
    } catch (error) {
      if (!isConflict(error) || tries > limits.conflictRetriesMax) throw error
      await sleep(session.clock, limits.conflictRetryMs, session.signal)
    }
  }
}

function checkPreconditions(current: KubeObject & Scale, flags: Flags): void {
  const replicas = current.spec?.replicas ?? 0
  if (flags.currentReplicas >= 0 && replicas !== flags.currentReplicas) {
    throw new CommandError(`Expected replicas to be ${flags.currentReplicas}, was ${replicas}`)
  }
  const { resourceVersion } = current.metadata
  if (flags.resourceVersion !== '' && resourceVersion !== flags.resourceVersion) {
    throw new CommandError(
      `Expected resource version to be ${flags.resourceVersion}, was ${resourceVersion}`,
    )
  }
}
