import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { builtinResources, type KubeObject, parseYamlStream, ResourceCatalog } from '@miniplane/api'
import { Client, keyOf, resourceRef, resources } from '@miniplane/client'
import { type ControlPlane, startControlPlane } from 'miniplane'
import { expect, it } from 'vitest'
import { startCopier } from '../../examples/copy-configmaps.mjs'
import { eventually } from '../support/eventually.js'
import { isReady } from '../support/workloads.js'

const folder = fileURLToPath(new URL('../../examples/', import.meta.url))
const inDefault = { namespace: 'default' }

async function create(plane: ControlPlane, name: string): Promise<void> {
  const catalog = new ResourceCatalog(builtinResources())
  for (const { value } of parseYamlStream(readFileSync(`${folder}${name}`, 'utf8'))) {
    const document = value as KubeObject
    const { apiVersion = '', kind = '' } = document
    const [version = '', group = ''] = apiVersion.split('/').reverse()
    const definition = catalog.byKind({ group, version, kind })
    if (!definition) throw new Error(`${name} holds an unknown kind ${apiVersion} ${kind}`)
    await plane.client.of(resourceRef(definition)).create(document, inDefault)
  }
}

const readyPods = async (plane: ControlPlane, app: string) => {
  const list = await plane.client
    .of(resources.pods)
    .list({ ...inDefault, labelSelector: `app=${app}` })
  return list.items.filter(isReady)
}

it('every example is run by a test of this file', () => {
  expect(readdirSync(folder).sort()).toEqual([
    'copy-configmaps.d.mts',
    'copy-configmaps.mjs',
    'deployment.yaml',
    'failing-rollout.yaml',
    'rolling-update.yaml',
    'scheduling-constraints.yaml',
  ])
})

it('deployment.yaml: three Pods behind a Service', async () => {
  await using plane = await startControlPlane({ https: false })
  await create(plane, 'deployment.yaml')
  await eventually(async () => {
    expect(await readyPods(plane, 'web')).toHaveLength(3)
    const slices = await plane.client.of(resources.endpointSlices).list({
      ...inDefault,
      labelSelector: 'kubernetes.io/service-name=web',
    })
    const endpoints = slices.items.flatMap((slice) => slice.endpoints ?? [])
    expect(endpoints.filter(({ conditions }) => conditions?.ready)).toHaveLength(3)
  })
})

it('rolling-update.yaml: never fewer Pods than wanted while the image changes', async () => {
  await using plane = await startControlPlane({ https: false })
  await create(plane, 'rolling-update.yaml')
  const deployments = plane.client.of(resources.deployments)
  await eventually(async () => expect(await readyPods(plane, 'rolling')).toHaveLength(4))
  await eventually(async () => {
    expect((await deployments.get('rolling', inDefault)).status.availableReplicas).toBe(4)
  })
  const seen: number[] = []
  const stop = await deployments.watch(inDefault, {
    onEvents: (events) => {
      for (const { object } of events) {
        seen.push(
          (object as { status?: { availableReplicas?: number } }).status?.availableReplicas ?? 0,
        )
      }
    },
    onEnd: () => {},
  })
  await deployments.patch(
    'rolling',
    { spec: { template: { spec: { containers: [{ name: 'app', image: 'nginx:1.28' }] } } } },
    { ...inDefault, type: 'strategic' },
  )
  await eventually(async () => {
    const { status, metadata } = await deployments.get('rolling', inDefault)
    expect(status).toMatchObject({
      observedGeneration: metadata.generation,
      updatedReplicas: 4,
      replicas: 4,
      availableReplicas: 4,
    })
  })
  stop()
  expect(Math.min(...seen)).toBeGreaterThanOrEqual(4)
})

it('failing-rollout.yaml: the deadline passes and the Deployment says so', async () => {
  await using plane = await startControlPlane({ https: false })
  await create(plane, 'failing-rollout.yaml')
  await eventually(async () => {
    const { status } = await plane.client.of(resources.deployments).get('failing', inDefault)
    const progressing = status.conditions?.find(({ type }) => type === 'Progressing')
    expect(progressing).toMatchObject({ status: 'False', reason: 'ProgressDeadlineExceeded' })
  })
})

it('scheduling-constraints.yaml: spread, pinned, and impossible', async () => {
  await using plane = await startControlPlane({ https: false })
  await create(plane, 'scheduling-constraints.yaml')
  await eventually(async () => {
    const spread = await readyPods(plane, 'spread')
    expect(spread.map(({ spec }) => spec.nodeName).sort()).toEqual(['node-1', 'node-2'])
    const pinned = await readyPods(plane, 'pinned')
    expect(pinned.map(({ spec }) => spec.nodeName)).toEqual(['node-1', 'node-1'])
    const [impossible] = (
      await plane.client.of(resources.pods).list({ ...inDefault, labelSelector: 'app=impossible' })
    ).items
    const scheduled = impossible?.status?.conditions?.find(({ type }) => type === 'PodScheduled')
    expect(scheduled?.message).toMatch(/^0\/2 nodes are available: 2 Insufficient cpu\./)
  })
})

it('copy-configmaps.mjs: copies follow their source and go when nobody asks for them', async () => {
  await using plane = await startControlPlane({ https: false, controllers: false, nodes: 0 })
  const copier = startCopier(plane.transport('copy-configmaps'))
  try {
    const client = new Client(plane.transport('test'))
    const configMaps = client.of(resources.configMaps)
    for (const name of ['team-a', 'team-b']) {
      await client.of(resources.namespaces).create({ metadata: { name } })
    }
    await configMaps.create({
      metadata: {
        name: 'settings',
        namespace: 'default',
        annotations: { 'example/copy-to': 'team-a,team-b' },
      },
      data: { mode: 'one' },
    })
    const copies = async () => {
      const { items } = await configMaps.list()
      const found = items.filter(({ metadata }) => metadata.annotations?.['example/copy-of'])
      return Object.fromEntries(found.map((object) => [keyOf(object), object.data?.mode]))
    }
    await eventually(async () =>
      expect(await copies()).toEqual({ 'team-a/settings': 'one', 'team-b/settings': 'one' }),
    )
    await configMaps.patch('settings', { data: { mode: 'two' } }, { ...inDefault, type: 'merge' })
    await eventually(async () =>
      expect(await copies()).toEqual({ 'team-a/settings': 'two', 'team-b/settings': 'two' }),
    )
    const onlyB = { metadata: { annotations: { 'example/copy-to': 'team-b' } } }
    await configMaps.patch('settings', onlyB, { ...inDefault, type: 'merge' })
    await eventually(async () => expect(await copies()).toEqual({ 'team-b/settings': 'two' }))
    await configMaps.delete('settings', inDefault)
    await eventually(async () => expect(await copies()).toEqual({}))
  } finally {
    await copier.stop()
  }
})
