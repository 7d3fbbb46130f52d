import type { Pod } from '@miniplane/api'
import { resources } from '@miniplane/client'
import { expect, it } from 'vitest'
import { type FrozenPlane, startFrozenPlane } from '../support/frozen-plane.js'
import { deployment, isReady } from '../support/workloads.js'

const inDefault = { namespace: 'default' }

const imagesOfReady = async ({ client }: FrozenPlane): Promise<(string | undefined)[]> => {
  const { items } = await client.of(resources.pods).list(inDefault)
  return items.filter(isReady).map(({ spec }: Pod) => spec.containers?.[0]?.image)
}

/** What a write to a frozen object is, whoever reported it. */
const writesToShared = ({ complaints }: FrozenPlane) =>
  complaints.filter((text) => text.includes('TypeError'))

const seconds = async (plane: FrozenPlane, count: number) => {
  for (let second = 0; second < count; second++) await plane.advance(1_000)
}

it('whoever writes to what the plane shares is told so', async () => {
  await using plane = await startFrozenPlane()
  const node = await plane.client.of(resources.nodes).get('node-1')
  expect(() => {
    node.metadata.labels = {}
  }).toThrow(TypeError)
  expect(() => node.status.conditions?.pop()).toThrow(TypeError)
})

it('a Deployment is rolled out, scaled and deleted without a write to a shared object', async () => {
  await using plane = await startFrozenPlane()
  const deployments = plane.client.of(resources.deployments)
  const patch = (spec: object) =>
    deployments.patch('web', { spec }, { type: 'strategic', namespace: 'default' })

  await deployments.create(deployment('web', 3))
  await seconds(plane, 1)
  expect(await imagesOfReady(plane)).toEqual(['app:1', 'app:1', 'app:1'])

  await patch({ template: { spec: { containers: [{ name: 'app', image: 'app:2' }] } } })
  await seconds(plane, 60)
  expect(await imagesOfReady(plane)).toEqual(['app:2', 'app:2', 'app:2'])

  await patch({ replicas: 1 })
  await seconds(plane, 60)
  expect(await imagesOfReady(plane)).toEqual(['app:2'])

  await deployments.delete('web', inDefault)
  await seconds(plane, 60)
  expect(await imagesOfReady(plane)).toEqual([])
  expect(writesToShared(plane)).toEqual([])
})

const template = (restartPolicy: string) => ({
  metadata: { labels: { app: 'x' } },
  spec: { restartPolicy, containers: [{ name: 'app', image: 'app:1' }] },
})
const running = { selector: { matchLabels: { app: 'x' } }, template: template('Always') }
const job = { template: template('Never') }

/** One of each kind that a controller looks after, in a namespace of their own. */
const workloads: readonly [path: string, object: object][] = [
  [
    '/api/v1/namespaces/all/services',
    { metadata: { name: 'x' }, spec: { selector: { app: 'x' }, ports: [{ port: 80 }] } },
  ],
  [
    '/apis/policy/v1/namespaces/all/poddisruptionbudgets',
    { metadata: { name: 'x' }, spec: { minAvailable: 1, selector: running.selector } },
  ],
  ['/apis/apps/v1/namespaces/all/daemonsets', { metadata: { name: 'x' }, spec: running }],
  [
    '/apis/apps/v1/namespaces/all/statefulsets',
    { metadata: { name: 'x' }, spec: { ...running, serviceName: 'x', replicas: 2 } },
  ],
  ['/apis/batch/v1/namespaces/all/jobs', { metadata: { name: 'x' }, spec: job }],
  [
    '/apis/batch/v1/namespaces/all/cronjobs',
    { metadata: { name: 'x' }, spec: { schedule: '* * * * *', jobTemplate: { spec: job } } },
  ],
]

it('nor do all other kinds, their nodes and their namespace in the end', async () => {
  await using plane = await startFrozenPlane()
  const send = (method: string, path: string, body?: object) =>
    plane.client.request({ method, path, ...(body && { body }) })
  await send('POST', '/api/v1/namespaces', { metadata: { name: 'all' } })
  await plane.advance(0)
  for (const [path, object] of workloads) await send('POST', path, object)
  await seconds(plane, 90)
  const { items } = await plane.client.of(resources.pods).list({ namespace: 'all' })
  expect(items.length).toBeGreaterThan(4)

  await plane.client
    .of(resources.nodes)
    .patch('node-1', { spec: { unschedulable: true } }, { type: 'merge' })
  await seconds(plane, 5)
  await send('DELETE', '/api/v1/namespaces/all')
  await seconds(plane, 90)
  const namespaces = await plane.client.of(resources.namespaces).list()
  expect(namespaces.items.map(({ metadata }) => metadata.name)).not.toContain('all')
  expect(writesToShared(plane)).toEqual([])
})
