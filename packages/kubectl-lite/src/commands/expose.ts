import type { KubeObject, LabelSelector, Service } from '@miniplane/api'
import { defineCommand } from '../cli/command.js'
import { type FlagValues, flag } from '../cli/flags.js'
import { CommandError, throwCollected } from '../errors/errors.js'
import { overridden, overrideFlags } from '../patch/overrides.js'
import { printFlags } from '../printers/print-flags.js'
import type { ResourceInfo } from '../resolve/discovery.js'
import type { Info } from '../resolve/info.js'
import { resolveInfos } from '../resolve/resolve.js'
import { podSpecOf } from '../workload/pod-template.js'
import { parseLabels } from '../workload/selector-text.js'
import { sendCreate } from '../write/write.js'
import { dryRunFlag, dryRunOf } from './dry-run.js'
import { fileFlags, fileTargets } from './file-flags.js'
import { resultPrinter } from './result-printer.js'

const flags = {
  ...fileFlags,
  ...printFlags,
  clusterIp: flag.string('ClusterIP to be assigned to the service.'),
  dryRun: dryRunFlag,
  externalIp: flag.string('Additional external IP address to accept for the service.'),
  fieldManager: flag.string('Name of the manager used to track field ownership.', {
    default: 'kubectl-expose',
  }),
  labels: flag.string('Labels to apply to the service created by this call.', { short: 'l' }),
  loadBalancerIp: flag.string('IP to assign to the LoadBalancer.'),
  name: flag.string('The name for the newly created object.'),
  ...overrideFlags,
  port: flag.string('The port that the service should serve on.'),
  protocol: flag.string("The network protocol for the service to be created. Default is 'TCP'."),
  saveConfig: flag.bool('Accepted and ignored.', { hidden: true }),
  selector: flag.string('A label selector to use for this service.'),
  sessionAffinity: flag.string(
    "If non-empty, set the session affinity for the service to this; legal values: 'None', 'ClientIP'.",
  ),
  targetPort: flag.string(
    'Name or number for the port on the container that the service should direct traffic to.',
  ),
  type: flag.string('Type for this service: ClusterIP, NodePort, LoadBalancer, or ExternalName.'),
}

type Flags = FlagValues<typeof flags>

const SERVICES = {
  group: '',
  version: 'v1',
  resource: 'services',
  kind: 'Service',
  namespaced: true,
}
const EXPOSABLE = ['Deployment', 'Pod', 'ReplicaSet', 'ReplicationController', 'Service']

export const expose = defineCommand({
  usage:
    'expose (-f FILENAME | TYPE NAME) [--port=port] [--protocol=TCP|UDP|SCTP] [--target-port=number-or-name] [--name=name] [--external-ip=external-ip-of-service] [--type=type] [options]',
  summary:
    'Take a replication controller, service, deployment or pod and expose it as a new Kubernetes service',
  examples: ['kubectl expose deployment web --port=80 --target-port=8080'],
  flags,
  async run(session, { args, flags }) {
    const dryRun = dryRunOf(flags.dryRun)
    const print = await resultPrinter(session, { ...flags, keepOrder: true }, dryRun)
    const visited = await resolveInfos(session, { ...fileTargets(flags), args, latest: true })
    throwCollected(visited.errors)
    for (const info of visited.infos) {
      const namespace = session.enforceNamespace ? session.namespace : ''
      const service = overridden(serviceFor(info, flags, namespace), flags)
      if (dryRun === 'client') {
        print(service, 'exposed')
        continue
      }
      const place = { resource: SERVICES as ResourceInfo, namespace: info.namespace }
      const { fieldManager } = flags
      print(await sendCreate(session, place, service, { dryRun, fieldManager }), 'exposed')
    }
  },
})

function serviceFor(info: Info, flags: Flags, namespace: string): KubeObject {
  const { object, resource } = info
  if (!EXPOSABLE.includes(object.kind ?? '')) {
    throw new CommandError(
      `cannot expose a ${resource.kind}${resource.group ? `.${resource.group}` : ''}`,
    )
  }
  const labels = flags.labels === '' ? object.metadata.labels : parseLabels(flags.labels)
  const isHeadless = flags.clusterIp === 'None'
  const ports = portsOf(object, flags)
  if (ports.length === 0 && !isHeadless) {
    throw new CommandError("couldn't find port via --port flag or introspection")
  }
  return {
    kind: 'Service',
    apiVersion: 'v1',
    metadata: {
      name: flags.name || info.name,
      ...(namespace === '' ? {} : { namespace }),
      ...(labels && Object.keys(labels).length > 0 ? { labels } : {}),
    },
    spec: {
      ...(ports.length > 0 ? { ports } : {}),
      selector: flags.selector === '' ? selectorOf(object) : parseLabels(flags.selector),
      ...(flags.clusterIp === '' ? {} : { clusterIP: flags.clusterIp }),
      ...(flags.type === '' ? {} : { type: flags.type }),
      ...(flags.externalIp === '' ? {} : { externalIPs: [flags.externalIp] }),
      ...(flags.sessionAffinity === '' ? {} : { sessionAffinity: flags.sessionAffinity }),
      ...(flags.loadBalancerIp === '' ? {} : { loadBalancerIP: flags.loadBalancerIp }),
    },
    status: { loadBalancer: {} },
  }
}

function selectorOf(object: KubeObject): Record<string, string> {
  if (object.kind === 'Pod') {
    const { labels = {} } = object.metadata
    if (Object.keys(labels).length > 0) return labels
    throw new CommandError(
      "couldn't retrieve selectors via --selector flag or introspection: the pod has no labels and cannot be exposed",
    )
  }
  const { selector } = (object.spec ?? {}) as { selector?: LabelSelector & Record<string, string> }
  if (object.kind === 'Service' || object.kind === 'ReplicationController') return selector ?? {}
  if ((selector?.matchExpressions ?? []).length > 0) {
    throw new CommandError(
      'couldn\'t retrieve selectors via --selector flag or introspection: couldn\'t convert expressions - "matchExpressions" - to map-based selector',
    )
  }
  return selector?.matchLabels ?? {}
}

interface Port {
  readonly port: number
  readonly protocol: string
}

function knownPorts(object: KubeObject): Port[] {
  if (object.kind === 'Service') {
    const { ports = [] } = (object as unknown as Service).spec ?? {}
    return ports.map(({ port, protocol = 'TCP' }) => ({ port, protocol }))
  }
  return (podSpecOf(object)?.containers ?? []).flatMap(({ ports = [] }) =>
    ports.map(({ containerPort, protocol = 'TCP' }) => ({ port: containerPort, protocol })),
  )
}

function portsOf(object: KubeObject, flags: Flags) {
  const known = knownPorts(object)
  const wanted =
    flags.port === '' ? known.map(({ port }) => port) : flags.port.split(',').map(Number)
  const several = wanted.length > 1
  return wanted.map((port, at) => {
    const protocol = flags.protocol || known.find((one) => one.port === port)?.protocol || 'TCP'
    const target = flags.targetPort === '' ? String(port) : flags.targetPort
    return {
      ...(several ? { name: `port-${at + 1}` } : {}),
      protocol,
      port,
      targetPort: /^\d+$/.test(target) ? Number(target) : target,
    }
  })
}
