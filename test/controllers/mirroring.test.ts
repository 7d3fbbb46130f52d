import { type KubeObject, ManualClock, seededRandom } from '@miniplane/api'
import { type ResourceRef, resources } from '@miniplane/client'
import { startControlPlane } from 'miniplane'
import { describe, expect, it } from 'vitest'

const inDefault = { namespace: 'default' }
const labelSelector = 'kubernetes.io/service-name=db'

/** A plane with a Service `db` that selects nothing, and Endpoints that somebody wrote for it. */
async function planeWithEndpoints(metadata: object = {}) {
  const clock = new ManualClock()
  const plane = await startControlPlane({ clock, random: seededRandom(1), https: false, nodes: 0 })
  const { client } = plane
  const create = async <T extends KubeObject>(ref: ResourceRef<T>, object: object) => {
    await client.of(ref).create(object as T)
    await plane.settle()
  }
  await plane.settle()
  await create(resources.services, {
    metadata: { name: 'db', ...inDefault },
    spec: { ports: [{ port: 5432 }] },
  })
  await create(resources.endpoints, {
    metadata: { name: 'db', ...inDefault, ...metadata },
    subsets: [
      {
        addresses: [{ ip: '192.0.2.7', hostname: 'a' }],
        notReadyAddresses: [{ ip: '192.0.2.8' }],
        ports: [{ port: 5432 }],
      },
    ],
  })
  const slices = async () =>
    (await client.of(resources.endpointSlices).list({ ...inDefault, labelSelector })).items
  return { plane, client, slices, [Symbol.asyncDispose]: () => plane.close() }
}

describe('Endpoints of a Service that selects no Pods', () => {
  it('are repeated in a slice', async () => {
    await using held = await planeWithEndpoints({ labels: { tier: 'data' } })
    const [slice] = await held.slices()
    expect(slice).toMatchObject({
      addressType: 'IPv4',
      metadata: {
        generateName: 'db-',
        labels: {
          tier: 'data',
          'endpointslice.kubernetes.io/managed-by': 'endpointslicemirroring-controller.k8s.io',
        },
        ownerReferences: [{ kind: 'Endpoints', name: 'db', controller: true }],
      },
      ports: [{ name: '', port: 5432, protocol: 'TCP' }],
      endpoints: [
        { addresses: ['192.0.2.7'], conditions: { ready: true }, hostname: 'a' },
        { addresses: ['192.0.2.8'], conditions: { ready: false } },
      ],
    })
  })

  it('follow changes, down to nothing', async () => {
    await using held = await planeWithEndpoints()
    const endpoints = held.client.of(resources.endpoints)
    const subsets = [{ addresses: [{ ip: '192.0.2.9' }], ports: [{ port: 5432 }] }]
    await endpoints.patch('db', { subsets }, { ...inDefault, type: 'merge' })
    await held.plane.settle()
    expect((await held.slices())[0]?.endpoints?.map(({ addresses }) => addresses)).toEqual([
      ['192.0.2.9'],
    ])
    await endpoints.patch('db', { subsets: null }, { ...inDefault, type: 'merge' })
    await held.plane.settle()
    expect(await held.slices()).toEqual([])
  })

  it('are left alone when they say so', async () => {
    const labels = { 'endpointslice.kubernetes.io/skip-mirror': 'true' }
    await using held = await planeWithEndpoints({ labels })
    expect(await held.slices()).toEqual([])
  })
})
