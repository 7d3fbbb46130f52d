import type {
  Ingress,
  IngressBackend,
  IngressClass,
  KubeObject,
  NetworkPolicy,
  NetworkPolicyPeer,
  NetworkPolicyPort,
  Service,
} from '@miniplane/api'
import { isNotFound } from '../errors/status.js'
import { resourcePath } from '../resolve/paths.js'
import { selectorText } from '../workload/selector-text.js'
import type { DescribeContext } from './context.js'
import { writeEvents } from './events.js'
import { endpointsText, slicesOf } from './service.js'
import { writeAnnotations, writeIdentity, writeLabels } from './text.js'
import type { DescribeWriter } from './writer.js'

const SERVICES = { group: '', version: 'v1', resource: 'services', namespaced: true }

export async function describeIngress(object: KubeObject, context: DescribeContext): Promise<void> {
  const { writer } = context
  const { metadata, spec, status } = object as unknown as Ingress
  writer.field('Name', metadata.name)
  writeLabels(writer, 'Labels', metadata.labels)
  writer.field('Namespace', metadata.namespace)
  const addresses = (status?.loadBalancer?.ingress ?? []).map(({ ip, hostname }) => ip ?? hostname)
  writer.field('Address', addresses.join(','))
  writer.field('Ingress Class', spec?.ingressClassName ?? '<none>')
  const backend = async (one: IngressBackend | undefined): Promise<string> => {
    if (!one?.service)
      return one?.resource
        ? `APIGroup: ${one.resource.apiGroup ?? ''}, Kind: ${one.resource.kind}, Name: ${one.resource.name}`
        : '<default>'
    const { name, port } = one.service
    return `${name}:${port?.name ?? port?.number ?? ''} (${await targetsOf(metadata.namespace ?? '', one, context)})`
  }
  writer.field('Default backend', await backend(spec?.defaultBackend))
  const tls = spec?.tls ?? []
  if (tls.length > 0) writer.line(0, 'TLS:')
  for (const { hosts = [], secretName = '' } of tls) {
    writer.line(
      1,
      secretName === ''
        ? `SNI routes ${hosts.join(',')}`
        : `${secretName} terminates ${hosts.join(',')}`,
    )
  }
  writer.line(0, 'Rules:')
  const rules = spec?.rules ?? []
  writer.line(1, 'Host\tPath\tBackends')
  writer.line(1, '----\t----\t--------')
  for (const { host, http } of rules) {
    if (!http) continue
    writer.line(1, `${host ?? '*'}\t`)
    for (const path of http.paths ?? []) {
      writer.line(2, `\t${path.path ?? ''} \t${await backend(path.backend)}`)
    }
  }
  if (rules.length === 0) writer.line(1, `*\t*\t${await backend(spec?.defaultBackend)}`)
  writeAnnotations(writer, 'Annotations', metadata.annotations)
  await writeEvents(object, context)
}

/** Where a backend leads, or what is wrong with it. */
async function targetsOf(
  namespace: string,
  { service }: IngressBackend,
  context: DescribeContext,
): Promise<string> {
  const name = service?.name ?? ''
  try {
    const found = await context.session.rest.object({
      method: 'GET',
      path: resourcePath(SERVICES, namespace, name),
    })
    const ports = (found as unknown as Service).spec?.ports ?? []
    const port = ports.find((one) =>
      service?.port?.name ? one.name === service.port.name : one.port === service?.port?.number,
    )
    return endpointsText(await slicesOf(found, context), port?.name ?? '')
  } catch (error) {
    if (!isNotFound(error)) throw error
    return `<error: ${error.message}>`
  }
}

export async function describeIngressClass(object: KubeObject, context: DescribeContext) {
  const { writer } = context
  const { spec } = object as unknown as IngressClass
  writeIdentity(writer, object)
  writer.field('Controller', spec?.controller)
  const { parameters } = spec ?? {}
  if (parameters) {
    writer.line(0, 'Parameters:')
    if (parameters.apiGroup) writer.field('APIGroup', parameters.apiGroup, 1)
    writer.field('Kind', parameters.kind, 1)
    writer.field('Name', parameters.name, 1)
  }
  await writeEvents(object, context)
}

export async function describeNetworkPolicy(object: KubeObject, { writer }: DescribeContext) {
  const { metadata, spec } = object as unknown as NetworkPolicy
  writer.field('Name', metadata.name)
  writer.field('Namespace', metadata.namespace)
  writer.field('Created on', goTime(metadata.creationTimestamp))
  writeLabels(writer, 'Labels', metadata.labels)
  writeAnnotations(writer, 'Annotations', metadata.annotations)
  writer.line(0, 'Spec:')
  const { podSelector, policyTypes = [], ingress = [], egress = [] } = spec ?? {}
  const all = Object.keys(podSelector ?? {}).length === 0
  writer.raw('  PodSelector: ')
  writer.raw(
    all
      ? '    <none> (Allowing the specific traffic to all pods in this namespace)\n'
      : `    ${selectorText(podSelector)}\n`,
  )
  if (policyTypes.includes('Ingress')) {
    writer.line(1, 'Allowing ingress traffic:')
    const rules = ingress.map(({ ports, from }) => ({ ports, peers: from }))
    writeRules(writer, rules, 'From', 'Selected pods are isolated for ingress connectivity')
  } else writer.line(1, 'Not affecting ingress traffic')
  if (policyTypes.includes('Egress')) {
    writer.line(1, 'Allowing egress traffic:')
    const rules = egress.map(({ ports, to }) => ({ ports, peers: to }))
    writeRules(writer, rules, 'To', 'Selected pods are isolated for egress connectivity')
  } else writer.line(1, 'Not affecting egress traffic')
  writer.line(1, `Policy Types: ${policyTypes.join(', ')}`)
}

/** `2006-01-02 15:04:05 +0000 UTC` */
const goTime = (time: string | null | undefined): string =>
  `${(time ?? '').replace('T', ' ').replace('Z', '')} +0000 UTC`

interface PolicyRule {
  readonly ports: readonly NetworkPolicyPort[] | undefined
  readonly peers: readonly NetworkPolicyPeer[] | undefined
}

function writeRules(
  writer: DescribeWriter,
  rules: readonly PolicyRule[],
  direction: 'From' | 'To',
  isolated: string,
): void {
  if (rules.length === 0) {
    writer.line(2, `<none> (${isolated})`)
    return
  }
  for (const [at, { ports = [], peers = [] }] of rules.entries()) {
    if (ports.length === 0) writer.line(2, 'To Port: <any> (traffic allowed to all ports)')
    for (const { port, protocol = 'TCP', endPort } of ports) {
      const which = `${port ?? '<nil>'}`
      writer.line(
        2,
        endPort === undefined
          ? `To Port: ${which}/${protocol}`
          : `To Port Range: ${which}-${endPort}/${protocol}`,
      )
    }
    if (peers.length === 0) {
      writer.line(
        2,
        `${direction}: <any> (traffic not restricted by ${direction === 'From' ? 'source' : 'destination'})`,
      )
    }
    for (const peer of peers) writePeer(writer, peer, direction)
    if (at < rules.length - 1) writer.line(2, '----------')
  }
}

function writePeer(writer: DescribeWriter, peer: NetworkPolicyPeer, direction: string): void {
  writer.line(2, `${direction}:`)
  const { podSelector, namespaceSelector, ipBlock } = peer
  if (namespaceSelector) writer.line(3, `NamespaceSelector: ${selectorText(namespaceSelector)}`)
  if (podSelector) writer.line(3, `PodSelector: ${selectorText(podSelector)}`)
  if (ipBlock) {
    writer.line(3, 'IPBlock:')
    writer.line(4, `CIDR: ${ipBlock.cidr}`)
    writer.line(4, `Except: ${(ipBlock.except ?? []).join(', ')}`)
  }
}
