import { type KubeObject, parseQuantity, QuantityError } from '@miniplane/api'
import { defineCommand } from '../cli/command.js'
import { type FlagValues, flag } from '../cli/flags.js'
import { CommandError, throwCollected } from '../errors/errors.js'
import { printFlags } from '../printers/print-flags.js'
import { groupVersionOf, type ResourceInfo } from '../resolve/discovery.js'
import type { Info } from '../resolve/info.js'
import { resolveInfos } from '../resolve/resolve.js'
import { sendCreate } from '../write/write.js'
import { dryRunFlag, dryRunOf } from './dry-run.js'
import { fileFlags, fileTargets } from './file-flags.js'
import { resultPrinter } from './result-printer.js'

const flags = {
  ...fileFlags,
  ...printFlags,
  cpu: flag.string(
    'Target CPU utilization over all the pods: a percentage such as 70%, or an amount such as 500m.',
  ),
  cpuPercent: flag.int(
    'The target average CPU utilization (represented as a percent of requested CPU) over all the pods.',
    {
      default: -1,
    },
  ),
  dryRun: dryRunFlag,
  fieldManager: flag.string('Name of the manager used to track field ownership.', {
    default: 'kubectl-autoscale',
  }),
  max: flag.int(
    'The upper limit for the number of pods that can be set by the autoscaler. Required.',
    {
      default: -1,
      required: true,
    },
  ),
  memory: flag.string('Target memory utilization over all the pods: a percentage or an amount.'),
  min: flag.int('The lower limit for the number of pods that can be set by the autoscaler.', {
    default: -1,
  }),
  name: flag.string('The name for the newly created object.'),
  saveConfig: flag.bool('Accepted and ignored.', { hidden: true }),
}

type Flags = FlagValues<typeof flags>

const AUTOSCALERS = {
  group: 'autoscaling',
  version: 'v2',
  resource: 'horizontalpodautoscalers',
  kind: 'HorizontalPodAutoscaler',
  namespaced: true,
}

export const autoscale = defineCommand({
  usage:
    'autoscale (-f FILENAME | TYPE NAME | TYPE/NAME) [--min=MINPODS] --max=MAXPODS [--cpu=CPU] [options]',
  summary: 'Auto-scale a deployment, replica set, stateful set, or replication controller',
  examples: ['kubectl autoscale deployment web --min=2 --max=10 --cpu=80%'],
  flags,
  async run(session, { args, flags, given }) {
    if (given.has('cpuPercent')) {
      session.out.stderr(
        "Flag --cpu-percent has been deprecated, Use --cpu with percentage or resource quantity format (e.g., '70%' for utilization or '500m' for milliCPU).\n",
      )
    }
    if (flags.max < 1) {
      throw new CommandError(`--max=MAXPODS is required and must be at least 1, max: ${flags.max}`)
    }
    if (flags.max < flags.min) {
      throw new CommandError(
        `--max=MAXPODS must be larger or equal to --min=MINPODS, max: ${flags.max}, min: ${flags.min}`,
      )
    }
    const dryRun = dryRunOf(flags.dryRun)
    const print = await resultPrinter(session, { ...flags, keepOrder: true }, dryRun)
    const visited = await resolveInfos(session, { ...fileTargets(flags), args, latest: true })
    throwCollected(visited.errors)
    for (const info of visited.infos) {
      if (!info.resource.subresources.includes('scale')) {
        const { group, version, resource } = info.resource
        throw new CommandError(
          `cannot autoscale a ${info.resource.kind}: could not find scale subresource for ${group}/${version}, Resource=${resource} in discovery information`,
        )
      }
      const scaler = scalerFor(info, flags, session.enforceNamespace ? session.namespace : '')
      if (dryRun === 'client') {
        print(scaler, 'autoscaled')
        continue
      }
      const place = { resource: AUTOSCALERS as ResourceInfo, namespace: info.namespace }
      const { fieldManager } = flags
      const made = await sendCreate(session, place, scaler, { dryRun, fieldManager }).catch(
        (error: unknown) => {
          throw explain(error, flags)
        },
      )
      print(made, 'autoscaled')
    }
  },
})

/** kubectl tries autoscaling/v1 next, which can't do without a target for the CPU. */
function explain(error: unknown, flags: Flags): unknown {
  if (flags.cpu !== '' || flags.cpuPercent >= 0) return error
  return new CommandError(
    'failed to create autoscaling/v2 HPA and the configuration is incompatible with autoscaling/v1: empty input',
  )
}

/** The namespace stands in it only when it was given as a flag. */
function scalerFor(info: Info, flags: Flags, namespace: string): KubeObject {
  const cpu = flags.cpu || (flags.cpuPercent >= 0 ? `${flags.cpuPercent}%` : '')
  const metrics = [metric('cpu', cpu), metric('memory', flags.memory)].flat()
  return {
    kind: 'HorizontalPodAutoscaler',
    apiVersion: 'autoscaling/v2',
    metadata: {
      name: flags.name || info.name,
      ...(namespace !== '' && { namespace }),
    },
    spec: {
      scaleTargetRef: {
        kind: info.resource.kind,
        name: info.name,
        apiVersion: groupVersionOf(info.resource),
      },
      ...(flags.min > 0 ? { minReplicas: flags.min } : {}),
      maxReplicas: flags.max,
      ...(metrics.length > 0 ? { metrics } : {}),
    },
    status: { desiredReplicas: 0, currentMetrics: null },
  }
}

const isAmount = (text: string): boolean => {
  try {
    parseQuantity(text)
    return true
  } catch (error) {
    if (error instanceof QuantityError) return false
    throw error
  }
}

function metric(name: string, text: string) {
  if (text === '') return []
  if (!text.endsWith('%') && !isAmount(text)) {
    throw new CommandError(`invalid resource ${name} value: ${text}`)
  }
  const target = text.endsWith('%')
    ? { type: 'Utilization', averageUtilization: Number(text.slice(0, -1)) }
    : { type: 'AverageValue', averageValue: text }
  return [{ type: 'Resource', resource: { name, target } }]
}
