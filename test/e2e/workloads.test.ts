import {
  type DaemonSet,
  type EndpointSlice,
  type KubeObject,
  ManualClock,
  type StatefulSet,
  seededRandom,
} from '@miniplane/api'
import { type ResourceRef, resources } from '@miniplane/client'
import { type ControlPlane, startControlPlane } from 'miniplane'
import { describe, expect, it } from 'vitest'
import { isReady } from '../support/workloads.js'

const inDefault = { namespace: 'default' }

/** A plane on a clock that stands still: what it does, it does before `settle` returns. */
async function heldPlane(nodes = 2) {
  const clock = new ManualClock()
  const plane = await startControlPlane({ clock, random: seededRandom(1), https: false, nodes })
  await plane.settle()
  const advance = async (seconds: number) => {
    for (let second = 0; second < seconds; second++) {
      clock.advance(1000)
      await plane.settle()
    }
  }
  return { plane, advance, [Symbol.asyncDispose]: () => plane.close() }
}

const template = (app: string, annotations = {}) => ({
  metadata: { labels: { app }, annotations },
  spec: { containers: [{ name: 'app', image: 'app:1' }] },
})

async function create<T extends KubeObject>(
  plane: ControlPlane,
  ref: ResourceRef<T>,
  name: string,
  spec: object,
) {
  const object = { metadata: { name, namespace: 'default' }, spec } as unknown as T
  const created = await plane.client.of(ref).create(object)
  await plane.settle()
  return created
}

async function patchSpec(plane: ControlPlane, ref: ResourceRef, name: string, spec: object) {
  await plane.client.of(ref).patch(name, { spec }, { ...inDefault, type: 'strategic' })
  await plane.settle()
}

async function podsOf(plane: ControlPlane, app: string): Promise<string[]> {
  const options = { ...inDefault, labelSelector: `app=${app}` }
  const { items } = await plane.client.of(resources.pods).list(options)
  return items
    .map((pod) => {
      const state = pod.metadata.deletionTimestamp ? 'leaving' : isReady(pod) ? 'ready' : 'waiting'
      return `${pod.metadata.name} ${pod.spec.containers[0]?.image} ${state}`
    })
    .sort()
}

const image = (name: string) => ({
  template: { spec: { containers: [{ name: 'app', image: name }] } },
})

describe('a StatefulSet', () => {
  const set = (spec: Partial<StatefulSet['spec']> = {}) => ({
    serviceName: 'db',
    replicas: 3,
    selector: { matchLabels: { app: 'db' } },
    template: template('db'),
    ...spec,
  })

  it('waits for each Pod before the next, up and down', async () => {
    await using held = await heldPlane()
    const { plane, advance } = held
    const slow = template('db', { 'miniplane/ready': 'false' })
    await create(plane, resources.statefulSets, 'db', set({ template: slow as never }))
    await advance(5)
    expect(await podsOf(plane, 'db')).toEqual(['db-0 app:1 waiting'])
    await plane.client.of(resources.statefulSets).delete('db', inDefault)
    await advance(2)
    expect(await podsOf(plane, 'db')).toEqual([])

    await create(plane, resources.statefulSets, 'db', set())
    expect(await podsOf(plane, 'db')).toEqual([
      'db-0 app:1 ready',
      'db-1 app:1 ready',
      'db-2 app:1 ready',
    ])
    await patchSpec(plane, resources.statefulSets, 'db', { replicas: 1 })
    expect(await podsOf(plane, 'db')).toEqual([
      'db-0 app:1 ready',
      'db-1 app:1 ready',
      'db-2 app:1 leaving',
    ])
    await advance(2)
    expect(await podsOf(plane, 'db')).toEqual(['db-0 app:1 ready'])
  })

  it('rolls from the highest down to the partition, and keeps what is below', async () => {
    await using held = await heldPlane()
    const { plane, advance } = held
    const updateStrategy = { type: 'RollingUpdate', rollingUpdate: { partition: 1 } }
    await create(plane, resources.statefulSets, 'db', set({ updateStrategy }))
    await patchSpec(plane, resources.statefulSets, 'db', image('app:2'))
    expect((await podsOf(plane, 'db')).at(-1)).toBe('db-2 app:1 leaving')
    await advance(3)
    const rolled = ['db-0 app:1 ready', 'db-1 app:2 ready', 'db-2 app:2 ready']
    expect(await podsOf(plane, 'db')).toEqual(rolled)
    await plane.client.of(resources.pods).delete('db-0', inDefault)
    await advance(2)
    expect(await podsOf(plane, 'db')).toEqual(rolled)
  })

  it('gives each Pod its claims, which outlive it unless told otherwise', async () => {
    await using held = await heldPlane()
    const { plane, advance } = held
    const claim = {
      metadata: { name: 'data' },
      spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
    }
    const storage = {
      replicas: 2,
      podManagementPolicy: 'Parallel',
      volumeClaimTemplates: [claim as never],
    }
    await create(plane, resources.statefulSets, 'db', set(storage))
    const claims = async () => {
      const { items } = await plane.client.of(resources.persistentVolumeClaims).list(inDefault)
      return items.map(({ metadata }) => {
        const owners = (metadata.ownerReferences ?? []).map(({ kind, name }) => `${kind}/${name}`)
        return [metadata.name, ...owners].join(' ')
      })
    }
    expect(await claims()).toEqual(['data-db-0', 'data-db-1'])
    await patchSpec(plane, resources.statefulSets, 'db', { replicas: 1 })
    await advance(1)
    expect(await claims()).toEqual(['data-db-0', 'data-db-1'])

    await patchSpec(plane, resources.statefulSets, 'db', {
      replicas: 2,
      persistentVolumeClaimRetentionPolicy: { whenDeleted: 'Delete', whenScaled: 'Retain' },
    })
    expect(await claims()).toEqual(['data-db-0 StatefulSet/db', 'data-db-1 StatefulSet/db'])
  })
})

describe('a claim', () => {
  it('stays for as long as a Pod on a node uses it, and goes with the last', async () => {
    await using held = await heldPlane()
    const { plane, advance } = held
    await create(plane, resources.persistentVolumeClaims, 'data', {
      accessModes: ['ReadWriteOnce'],
      resources: { requests: { storage: '1Gi' } },
    })
    await create(plane, resources.pods, 'user', {
      ...template('user').spec,
      nodeName: 'node-1',
      volumes: [{ name: 'data', persistentVolumeClaim: { claimName: 'data' } }],
    })
    const claims = plane.client.of(resources.persistentVolumeClaims)
    await claims.delete('data', inDefault)
    await plane.settle()
    expect((await claims.get('data', inDefault)).metadata.finalizers).toEqual([
      'kubernetes.io/pvc-protection',
    ])
    await plane.client.of(resources.pods).delete('user', inDefault)
    await advance(2)
    expect((await claims.list(inDefault)).items).toEqual([])
  })

  it('that nobody uses is no reason for a namespace to stay', async () => {
    await using held = await heldPlane()
    const { plane, advance } = held
    const namespaces = plane.client.of(resources.namespaces)
    await namespaces.create({ metadata: { name: 'brief' }, spec: {}, status: {} })
    const spec = { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } }
    const claim = { metadata: { name: 'data', namespace: 'brief' }, spec, status: {} }
    await plane.client.of(resources.persistentVolumeClaims).create(claim)
    await plane.settle()
    await namespaces.delete('brief')
    await advance(20)
    expect((await namespaces.list()).items.map(({ metadata }) => metadata.name)).not.toContain(
      'brief',
    )
  })
})

describe('a DaemonSet', () => {
  const set = (spec: Partial<DaemonSet['spec']> = {}) => ({
    selector: { matchLabels: { app: 'agent' } },
    template: template('agent'),
    ...spec,
  })

  const nodesOf = async (plane: ControlPlane) => {
    const { items } = await plane.client.of(resources.pods).list(inDefault)
    return items.map(({ spec }) => spec.nodeName).sort()
  }

  const taint = async (plane: ControlPlane, node: string, effect: string) => {
    const taints = [{ key: 'mine', effect }]
    await plane.client.of(resources.nodes).patch(node, { spec: { taints } }, { type: 'merge' })
    await plane.settle()
  }

  it('is on every node it bears, and follows their taints', async () => {
    await using held = await heldPlane(3)
    const { plane, advance } = held
    await taint(plane, 'node-1', 'NoSchedule')
    await create(plane, resources.daemonSets, 'agent', set())
    expect(await nodesOf(plane)).toEqual(['node-2', 'node-3'])
    await taint(plane, 'node-2', 'NoSchedule')
    await taint(plane, 'node-3', 'NoExecute')
    await advance(2)
    expect(await nodesOf(plane)).toEqual(['node-2'])
    const { status } = await plane.client.of(resources.daemonSets).get('agent', inDefault)
    expect(status).toMatchObject({ desiredNumberScheduled: 0, numberMisscheduled: 1 })
  })

  it('rolls node after node; with a surge the new Pod comes first', async () => {
    await using held = await heldPlane()
    const { plane, advance } = held
    await create(plane, resources.daemonSets, 'agent', set())
    await patchSpec(plane, resources.daemonSets, 'agent', image('app:2'))
    const images = async () => (await podsOf(plane, 'agent')).map((pod) => pod.split(' ').slice(1))
    expect((await images()).sort()).toEqual([
      ['app:1', 'leaving'],
      ['app:1', 'ready'],
    ])
    await advance(3)
    expect(await images()).toEqual([
      ['app:2', 'ready'],
      ['app:2', 'ready'],
    ])
    const rollingUpdate = { maxSurge: '100%', maxUnavailable: 0 }
    await patchSpec(plane, resources.daemonSets, 'agent', {
      ...image('app:3'),
      updateStrategy: { type: 'RollingUpdate', rollingUpdate },
    })
    expect((await images()).sort()).toEqual([
      ['app:2', 'leaving'],
      ['app:2', 'leaving'],
      ['app:3', 'ready'],
      ['app:3', 'ready'],
    ])
  })
})

describe('a Service', () => {
  it('leads to the Pods that are ready, and says so in one slice', async () => {
    await using held = await heldPlane()
    const { plane, advance } = held
    await create(plane, resources.services, 'web', {
      selector: { app: 'web' },
      ports: [{ port: 80 }],
    })
    await create(plane, resources.replicaSets, 'web', {
      replicas: 3,
      selector: { matchLabels: { app: 'web' } },
      template: template('web'),
    })
    const slices = async () => {
      const options = { ...inDefault, labelSelector: 'kubernetes.io/service-name=web' }
      const { items } = await plane.client.of(resources.endpointSlices).list(options)
      return items.map(readinessOf)
    }
    expect(await slices()).toEqual([['ready', 'ready', 'ready']])
    await patchSpec(plane, resources.replicaSets, 'web', { replicas: 1 })
    expect((await slices()).map((slice) => slice.sort())).toEqual([
      ['ready', 'serving, terminating', 'serving, terminating'],
    ])
    await advance(2)
    expect(await slices()).toEqual([['ready']])
    await plane.client.of(resources.services).delete('web', inDefault)
    await plane.settle()
    expect(await slices()).toEqual([])
  })
})

const readinessOf = ({ endpoints }: EndpointSlice): string[] =>
  (endpoints ?? []).map(({ conditions: { ready, serving, terminating } }) =>
    ready
      ? 'ready'
      : [serving && 'serving', terminating && 'terminating'].filter(Boolean).join(', '),
  )
