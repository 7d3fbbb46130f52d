import { ManualClock, seededRandom } from '@miniplane/api'
import { resources } from '@miniplane/client'
import { startControlPlane } from 'miniplane'
import { expect, it } from 'vitest'

it('a range of addresses stays while a Service has one of them', async () => {
  const clock = new ManualClock()
  const random = seededRandom(1)
  await using plane = await startControlPlane({ clock, random, https: false, nodes: 0 })
  const ranges = plane.client.of(resources.serviceCidrs)
  const addresses = plane.client.of(resources.ipAddresses)
  await plane.settle()
  await ranges.create({ metadata: { name: 'more' }, spec: { cidrs: ['10.9.0.0/24'] } })
  await plane.settle()
  const { metadata, status } = await ranges.get('more')
  expect(metadata.finalizers).toEqual(['networking.k8s.io/service-cidr-finalizer'])
  expect(status?.conditions).toMatchObject([
    { type: 'Ready', status: 'True', message: 'Kubernetes Service CIDR is ready' },
  ])
  const parentRef = { resource: 'services', namespace: 'default', name: 'kubernetes' }
  const labels = {
    'ipaddress.kubernetes.io/ip-family': 'IPv4',
    'ipaddress.kubernetes.io/managed-by': 'ipallocator.k8s.io',
  }
  await addresses.create({ metadata: { name: '10.9.0.7', labels }, spec: { parentRef } })
  await ranges.delete('more')
  await plane.settle()
  expect((await ranges.get('more')).status?.conditions).toMatchObject([
    { type: 'Ready', status: 'False', reason: 'Terminating' },
  ])
  await addresses.delete('10.9.0.7')
  await plane.settle()
  clock.advance(10_000)
  await plane.settle()
  await expect(ranges.get('more')).rejects.toMatchObject({ code: 404 })
})
