import type { EndpointSlice, KubeList, KubeObject, Service, ServicePort } from '@miniplane/api'
import { resourcePath } from '../resolve/paths.js'
import type { DescribeContext } from './context.js'
import { writeEvents } from './events.js'
import { mapSelector, writeIdentity } from './text.js'
import type { DescribeWriter } from './writer.js'

const SLICES = {
  group: 'discovery.k8s.io',
  version: 'v1',
  resource: 'endpointslices',
  namespaced: true,
}

/** Addresses shown before the rest is only counted. */
const ADDRESSES_SHOWN = 3

export async function describeService(object: KubeObject, context: DescribeContext): Promise<void> {
  const { writer } = context
  const { spec, status } = object as unknown as Service
  writeIdentity(writer, object)
  writer.field('Selector', mapSelector(spec?.selector))
  writer.field('Type', spec?.type)
  if (spec?.ipFamilyPolicy) writer.field('IP Family Policy', spec.ipFamilyPolicy)
  const families = spec?.ipFamilies ?? []
  writer.field('IP Families', families.length > 0 ? families.join(',') : '<none>')
  writer.field('IP', spec?.clusterIP)
  const ips = spec?.clusterIPs ?? []
  writer.field('IPs', ips.length > 0 ? ips.join(',') : '<none>')
  if ((spec?.externalIPs ?? []).length > 0) {
    writer.field('External IPs', spec?.externalIPs?.join(','))
  }
  if (spec?.loadBalancerIP) writer.field('Desired LoadBalancer IP', spec.loadBalancerIP)
  if (spec?.externalName) writer.field('External Name', spec.externalName)
  const ingress = status?.loadBalancer?.ingress ?? []
  if (ingress.length > 0) {
    writer.field(
      'LoadBalancer Ingress',
      ingress.map(({ ip, hostname }) => ip ?? hostname).join(', '),
    )
  }
  const slices = await slicesOf(object, context)
  for (const port of spec?.ports ?? []) writePort(writer, port, slices)
  writer.field('Session Affinity', spec?.sessionAffinity)
  if (spec?.externalTrafficPolicy) {
    writer.field('External Traffic Policy', spec.externalTrafficPolicy)
  }
  if (spec?.internalTrafficPolicy) {
    writer.field('Internal Traffic Policy', spec.internalTrafficPolicy)
  }
  if (spec?.healthCheckNodePort) writer.field('HealthCheck NodePort', spec.healthCheckNodePort)
  if ((spec?.loadBalancerSourceRanges ?? []).length > 0) {
    writer.field('LoadBalancer Source Ranges', spec?.loadBalancerSourceRanges?.join(','))
  }
  await writeEvents(object, context)
}

function writePort(
  writer: DescribeWriter,
  port: ServicePort,
  slices: readonly EndpointSlice[],
): void {
  const name = port.name || '<unset>'
  writer.field('Port', `${name}\t${port.port}/${port.protocol ?? ''}`)
  writer.field('TargetPort', `${port.targetPort ?? ''}/${port.protocol ?? ''}`)
  if (port.nodePort) writer.field('NodePort', `${name}\t${port.nodePort}/${port.protocol ?? ''}`)
  writer.field('Endpoints', endpointsText(slices, port.name ?? ''))
}

export async function slicesOf(
  { metadata }: KubeObject,
  { session }: DescribeContext,
): Promise<EndpointSlice[]> {
  const list = (await session.rest.object({
    method: 'GET',
    path: resourcePath(SLICES, metadata.namespace),
    query: { labelSelector: `kubernetes.io/service-name=${metadata.name}` },
  })) as unknown as KubeList
  return list.items as unknown as EndpointSlice[]
}

/** `10.0.0.1:80,10.0.0.2:80 + 2 more...`: ready addresses of a port. */
export function endpointsText(slices: readonly EndpointSlice[], portName: string): string {
  if (slices.length === 0) return '<none>'
  const addresses = slices.flatMap((slice) => {
    const ready = (slice.endpoints ?? []).filter(({ conditions }) => conditions?.ready ?? true)
    const ports = slice.ports ?? []
    if (ports.length === 0) return ready.map(({ addresses = [] }) => addresses[0] ?? '')
    return ports
      .filter(({ name }) => (name ?? '') === portName)
      .flatMap(({ port }) =>
        ready.map(({ addresses = [] }) => `${bracketed(addresses[0] ?? '')}:${port}`),
      )
  })
  const shown = addresses.slice(0, ADDRESSES_SHOWN).join(',')
  const more = addresses.length - ADDRESSES_SHOWN
  return more > 0 ? `${shown} + ${more} more...` : shown
}

const bracketed = (address: string): string => (address.includes(':') ? `[${address}]` : address)
