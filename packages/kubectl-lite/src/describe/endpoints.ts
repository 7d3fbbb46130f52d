import type { Endpoint, EndpointSlice, Endpoints, KubeObject } from '@miniplane/api'
import type { DescribeContext } from './context.js'
import { writeEvents } from './events.js'
import { goBool, writeIdentity } from './text.js'
import type { DescribeWriter } from './writer.js'

export async function describeEndpoints(object: KubeObject, context: DescribeContext) {
  const { writer } = context
  const { subsets = [] } = object as unknown as Endpoints
  writeIdentity(writer, object)
  writer.line(0, 'Subsets:')
  for (const { addresses = [], notReadyAddresses = [], ports = [] } of subsets) {
    const list = (all: readonly { ip: string }[]) => all.map(({ ip }) => ip).join(',') || '<none>'
    writer.field('Addresses', list(addresses), 1)
    writer.field('NotReadyAddresses', list(notReadyAddresses), 1)
    if (ports.length > 0) {
      writer.line(1, 'Ports:')
      writer.line(2, 'Name\tPort\tProtocol')
      writer.line(2, '----\t----\t--------')
      for (const { name, port, protocol } of ports) {
        writer.line(2, `${name || '<unset>'}\t${port}\t${protocol}`)
      }
    }
    writer.raw('\n')
  }
  await writeEvents(object, context)
}

export async function describeEndpointSlice(object: KubeObject, context: DescribeContext) {
  const { writer } = context
  const { addressType, ports, endpoints: listed } = object as unknown as EndpointSlice
  const endpoints = listed ?? []
  writeIdentity(writer, object)
  writer.field('AddressType', addressType)
  if (!ports || ports.length === 0) writer.line(0, 'Ports: <unset>')
  else {
    writer.line(0, 'Ports:')
    writer.line(1, 'Name\tPort\tProtocol')
    writer.line(1, '----\t----\t--------')
    for (const { name, port, protocol } of ports) {
      writer.line(1, `${name || '<unset>'}\t${port ?? '<unset>'}\t${protocol}`)
    }
  }
  if (endpoints.length === 0) writer.line(0, 'Endpoints: <none>')
  else writer.line(0, 'Endpoints:')
  for (const endpoint of endpoints) writeEndpoint(writer, endpoint)
  await writeEvents(object, context)
}

function writeEndpoint(writer: DescribeWriter, endpoint: Endpoint): void {
  const { addresses = [], conditions, hostname, targetRef, nodeName, zone } = endpoint
  writer.field('- Addresses', addresses.join(', '), 1)
  writer.line(2, 'Conditions:')
  const ready = conditions?.ready
  writer.field('Ready', ready === undefined ? '<unset>' : goBool(ready).toLowerCase(), 3)
  writer.field('Hostname', hostname ?? '<unset>', 2)
  if (targetRef) writer.field('TargetRef', `${targetRef.kind}/${targetRef.name}`, 2)
  writer.field('NodeName', nodeName ?? '<unset>', 2)
  writer.field('Zone', zone ?? '<unset>', 2)
}
