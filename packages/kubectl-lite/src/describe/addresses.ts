import type { IPAddress, KubeObject, ServiceCIDR } from '@miniplane/api'
import type { DescribeContext } from './context.js'
import { writeEvents } from './events.js'
import { longTime, writeIdentity } from './text.js'

export async function describeServiceCidr(object: KubeObject, context: DescribeContext) {
  const { writer } = context
  const { spec, status } = object as unknown as ServiceCIDR
  writeIdentity(writer, object)
  writer.field('CIDRs', (spec?.cidrs ?? []).join(', '))
  const conditions = status?.conditions ?? []
  if (conditions.length > 0) {
    writer.line(0, 'Status:')
    writer.line(0, 'Conditions:')
    writer.line(1, 'Type\tStatus\tLastTransitionTime\tReason\tMessage')
    writer.line(1, '----\t------\t------------------\t------\t-------')
  }
  for (const { type, status: state, lastTransitionTime, reason = '', message = '' } of conditions) {
    writer.line(1, `${type}\t${state}\t${longTime(lastTransitionTime)}\t${reason}\t${message}`)
  }
  await writeEvents(object, context)
}

export async function describeIpAddress(object: KubeObject, context: DescribeContext) {
  const { writer } = context
  const { parentRef } = (object as unknown as IPAddress).spec ?? {}
  writeIdentity(writer, object)
  if (parentRef) {
    writer.line(0, 'Parent Reference:')
    writer.field('Group', parentRef.group ?? '', 1)
    writer.field('Resource', parentRef.resource, 1)
    writer.field('Namespace', parentRef.namespace ?? '', 1)
    writer.field('Name', parentRef.name, 1)
  }
  await writeEvents(object, context)
}
