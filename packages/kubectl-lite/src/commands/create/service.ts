import { isDns1123Subdomain, isValidPortName, isValidPortNum } from '@miniplane/api'
import { type Command, defineCommand } from '../../cli/command.js'
import { type FlagSpecs, type FlagValues, flag } from '../../cli/flags.js'
import { CommandError } from '../../errors/errors.js'
import { defineGenerator } from './generator.js'

const flags = {
  clusterip: flag.string(
    "Assign your own ClusterIP or set to 'None' for a 'headless' service (no loadbalancing).",
  ),
  externalName: flag.string('External name of service'),
  nodePort: flag.int('Port used to expose the service on each node in a cluster.'),
  tcp: flag.slice("Port pairs can be specified as '<port>:<targetPort>'."),
}

type Flags = FlagValues<typeof flags>
type ServiceType = 'ClusterIP' | 'NodePort' | 'LoadBalancer' | 'ExternalName'

const summaryOf = (type: ServiceType): string =>
  `Create ${type === 'ExternalName' ? 'an' : 'a'} ${type} service`

function generator(name: string, type: ServiceType, own: FlagSpecs): Command {
  return defineGenerator({
    usage: `${name} NAME [--tcp=<port>:<targetPort>] [--dry-run=server|client|none] [options]`,
    summary: summaryOf(type),
    resource: { group: '', version: 'v1', resource: 'services', kind: 'Service', namespaced: true },
    failure: `failed to create ${type} service: `,
    flags: own,
    async build(_, name, invocation) {
      const given: Partial<Flags> = invocation.flags
      return {
        metadata: { name, labels: { app: name } },
        spec: specOf(name, type, given),
        status: { loadBalancer: {} },
      }
    },
  })
}

function specOf(name: string, type: ServiceType, given: Partial<Flags>) {
  const { tcp = [], clusterip = '', externalName = '', nodePort = 0 } = given
  if (tcp.length === 0 && clusterip !== 'None' && type !== 'ExternalName') {
    throw new CommandError('at least one tcp port specifier must be provided')
  }
  if (type === 'ExternalName' && externalName === '') {
    throw new CommandError('required flag(s) "external-name" not set')
  }
  if (type === 'ExternalName' && isDns1123Subdomain(externalName).length > 0) {
    throw new CommandError(`invalid service external name ${externalName}`)
  }
  const ports = tcp.map((text) => parsePort(text, nodePort))
  return {
    ...(ports.length > 0 ? { ports } : {}),
    selector: { app: name },
    ...(clusterip === '' ? {} : { clusterIP: clusterip }),
    type,
    ...(externalName === '' ? {} : { externalName }),
  }
}

function parsePort(text: string, nodePort: number) {
  const [first = '', second] = text.split(':', 2)
  const port = parseUint(first)
  const targetPort = second === undefined ? port : targetOf(second)
  return {
    name: text.replaceAll(':', '-'),
    protocol: 'TCP',
    port,
    targetPort,
    ...(nodePort > 0 ? { nodePort } : {}),
  }
}

function targetOf(text: string): number | string {
  const isNumber = /^[+-]?\d+$/.test(text)
  const problems = isNumber ? isValidPortNum(Number(text)) : isValidPortName(text)
  if (problems.length > 0) throw new CommandError(problems.join(','))
  return isNumber ? Number(text) : text
}

function parseUint(text: string): number {
  const refuse = (reason: string) =>
    new CommandError(`strconv.ParseUint: parsing ${JSON.stringify(text)}: ${reason}`)
  if (!/^\d+$/.test(text)) throw refuse('invalid syntax')
  if (Number(text) > 65535) throw refuse('value out of range')
  return Number(text)
}

const { clusterip, externalName, nodePort, tcp } = flags
const kinds: [string, ServiceType, FlagSpecs][] = [
  ['clusterip', 'ClusterIP', { clusterip, tcp }],
  ['externalname', 'ExternalName', { externalName, tcp }],
  ['loadbalancer', 'LoadBalancer', { tcp }],
  ['nodeport', 'NodePort', { nodePort, tcp }],
]

export const service = defineCommand({
  usage: 'service [flags] [options]',
  summary: 'Create a service using a specified subcommand.',
  flags: {},
  subcommands: kinds.map(([name, type, own]) => ({
    name,
    summary: summaryOf(type),
    load: async () => generator(name, type, own),
  })),
})
