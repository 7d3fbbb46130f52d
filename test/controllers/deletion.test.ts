import { type KubeObject, ManualClock, seededRandom } from '@miniplane/api'
import { resources } from '@miniplane/client'
import { type ControlPlane, startControlPlane } from 'miniplane'
import { describe, expect, it } from 'vitest'
import { deployment } from '../support/workloads.js'

const inDefault = { namespace: 'default' }

/** A plane on a clock that stands still: what it does, it does before `settle` returns. */
async function heldPlane() {
  const clock = new ManualClock()
  const plane = await startControlPlane({ clock, random: seededRandom(1), https: false, nodes: 1 })
  await plane.settle()
  const advance = async (ms: number) => {
    clock.advance(ms)
    await plane.settle()
  }
  return { plane, advance, [Symbol.asyncDispose]: () => plane.close() }
}

async function createWeb(plane: ControlPlane, namespace = 'default'): Promise<void> {
  const web = deployment('web', 2)
  const object = { ...web, metadata: { ...web.metadata, namespace } }
  await plane.client.of(resources.deployments).create(object)
  await plane.settle()
}

/** Kinds and how many of each there are, with who still has an owner. */
async function left(plane: ControlPlane, namespace = 'default') {
  const count = async (ref: typeof resources.replicaSets | typeof resources.pods) => {
    const { items } = await plane.client.of<KubeObject>(ref).list({ namespace })
    const owned = items.filter(({ metadata }) => (metadata.ownerReferences ?? []).length > 0)
    return `${items.length}, ${owned.length} owned`
  }
  return { replicaSets: await count(resources.replicaSets), pods: await count(resources.pods) }
}

const configMap = (
  name: string,
  metadata: KubeObject['metadata'] = {},
): KubeObject & { metadata: KubeObject['metadata'] } => ({
  metadata: { name, namespace: 'default', ...metadata },
})

describe('the garbage collector', () => {
  it('takes everything below what is deleted in the background', async () => {
    await using held = await heldPlane()
    const { plane, advance } = held
    await createWeb(plane)
    await plane.client.of(resources.deployments).delete('web', inDefault)
    await plane.settle()
    await advance(1000)
    expect(await left(plane)).toEqual({ replicaSets: '0, 0 owned', pods: '0, 0 owned' })
  })

  it('keeps the owner until its dependents are gone, in the foreground', async () => {
    await using held = await heldPlane()
    const { plane, advance } = held
    await createWeb(plane)
    const deployments = plane.client.of(resources.deployments)
    await deployments.delete('web', { ...inDefault, propagationPolicy: 'Foreground' })
    await plane.settle()
    const waiting = await deployments.get('web', inDefault)
    expect(waiting.metadata.finalizers).toEqual(['foregroundDeletion'])
    await advance(1000)
    await expect(deployments.get('web', inDefault)).rejects.toMatchObject({ code: 404 })
    expect(await left(plane)).toEqual({ replicaSets: '0, 0 owned', pods: '0, 0 owned' })
  })

  it('lets dependents go that are to be orphaned', async () => {
    await using held = await heldPlane()
    const { plane, advance } = held
    await createWeb(plane)
    const deployments = plane.client.of(resources.deployments)
    await deployments.delete('web', { ...inDefault, propagationPolicy: 'Orphan' })
    await plane.settle()
    await advance(1000)
    await expect(deployments.get('web', inDefault)).rejects.toMatchObject({ code: 404 })
    expect(await left(plane)).toEqual({ replicaSets: '1, 0 owned', pods: '2, 2 owned' })
  })

  it('keeps what still has one of its owners, without the other', async () => {
    await using held = await heldPlane()
    const { plane } = held
    const configMaps = plane.client.of(resources.configMaps)
    const owners = []
    for (const name of ['a', 'b']) {
      const { metadata } = await configMaps.create(configMap(name))
      owners.push({ apiVersion: 'v1', kind: 'ConfigMap', name, uid: metadata.uid ?? '' })
    }
    await configMaps.create(configMap('child', { ownerReferences: owners }))
    await plane.settle()
    await configMaps.delete('a', inDefault)
    await plane.settle()
    const child = await configMaps.get('child', inDefault)
    expect(child.metadata.ownerReferences?.map(({ name }) => name)).toEqual(['b'])
    await configMaps.delete('b', inDefault)
    await plane.settle()
    await expect(configMaps.get('child', inDefault)).rejects.toMatchObject({ code: 404 })
  })

  it('takes what names an owner of another namespace, and says why', async () => {
    await using held = await heldPlane()
    const { plane } = held
    const configMaps = plane.client.of(resources.configMaps)
    const elsewhere = configMap('owner', { namespace: 'kube-public' })
    const { metadata } = await configMaps.create(elsewhere)
    await plane.settle()
    const owner = { apiVersion: 'v1', kind: 'ConfigMap', name: 'owner', uid: metadata.uid ?? '' }
    await configMaps.create(configMap('child', { ownerReferences: [owner] }))
    await plane.settle()
    await expect(configMaps.get('child', inDefault)).rejects.toMatchObject({ code: 404 })
    const { items } = await plane.client.of(resources.events).list(inDefault)
    const told = items.find(({ reason }) => reason === 'OwnerRefInvalidNamespace')
    expect(told?.message).toBe(
      `ownerRef [v1/ConfigMap, namespace: default, name: owner, uid: ${metadata.uid}] does not exist in namespace "default"`,
    )
  })

  it('cuts a circle of owners', async () => {
    await using held = await heldPlane()
    const { plane } = held
    const configMaps = plane.client.of(resources.configMaps)
    const reference = (name: string, uid = '') => ({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      name,
      uid,
      blockOwnerDeletion: true,
    })
    const a = await configMaps.create(configMap('a'))
    const b = await configMaps.create(
      configMap('b', { ownerReferences: [reference('a', a.metadata.uid)] }),
    )
    await configMaps.patch(
      'a',
      { metadata: { ownerReferences: [reference('b', b.metadata.uid)] } },
      { ...inDefault, type: 'merge' },
    )
    await plane.settle()
    await configMaps.delete('a', { ...inDefault, propagationPolicy: 'Foreground' })
    await plane.settle()
    for (const name of ['a', 'b']) {
      await expect(configMaps.get(name, inDefault)).rejects.toMatchObject({ code: 404 })
    }
  })
})

describe('a namespace that is deleted', () => {
  it('takes its content with it, Pods first', async () => {
    await using held = await heldPlane()
    const { plane, advance } = held
    const namespaces = plane.client.of(resources.namespaces)
    await namespaces.create({ metadata: { name: 'team' } })
    await plane.settle()
    await createWeb(plane, 'team')
    await namespaces.delete('team')
    await plane.settle()
    const { status } = await namespaces.get('team')
    expect(status.phase).toBe('Terminating')
    expect(
      status.conditions?.find(({ type }) => type === 'NamespaceContentRemaining')?.message,
    ).toBe('Some resources are remaining: pods. has 2 resource instances')
    await advance(1000)
    await expect(namespaces.get('team')).rejects.toMatchObject({ code: 404 })
    expect(await left(plane, 'team')).toEqual({ replicaSets: '0, 0 owned', pods: '0, 0 owned' })
  })

  it('waits for a finalizer, and names it', async () => {
    await using held = await heldPlane()
    const { plane } = held
    const namespaces = plane.client.of(resources.namespaces)
    const configMaps = plane.client.of(resources.configMaps)
    await namespaces.create({ metadata: { name: 'team' } })
    await plane.settle()
    await configMaps.create(
      configMap('held', { namespace: 'team', finalizers: ['example.com/hold'] }),
    )
    await namespaces.delete('team')
    await plane.settle()
    const { status } = await namespaces.get('team')
    const finalizers = status.conditions?.find(
      ({ type }) => type === 'NamespaceFinalizersRemaining',
    )
    expect(finalizers?.message).toBe(
      'Some content in the namespace has finalizers remaining: example.com/hold in 1 resource instances',
    )
    await configMaps.patch(
      'held',
      { metadata: { finalizers: null } },
      { namespace: 'team', type: 'merge' },
    )
    await plane.settle()
    await expect(namespaces.get('team')).rejects.toMatchObject({ code: 404 })
  })
})

describe('a Pod without a node', () => {
  it('goes at once, and nobody else is faster than who deletes it', async () => {
    await using held = await heldPlane()
    const { plane } = held
    const pods = plane.client.of(resources.pods)
    const spec = { schedulerName: 'nobody', containers: [{ name: 'c', image: 'c:1' }] }
    await pods.create({ metadata: { name: 'lone', ...inDefault }, spec })
    await plane.settle()
    const options = { ...inDefault, gracePeriodSeconds: 0 }
    await expect(pods.delete('lone', options)).resolves.toMatchObject({ kind: 'Pod' })
    await expect(pods.get('lone', inDefault)).rejects.toMatchObject({ code: 404 })
  })
})
