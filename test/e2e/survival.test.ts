import {
  type Deployment,
  findCondition,
  type KubeObject,
  Ledger,
  ManualClock,
  type NodeCondition,
  seededRandom,
  systemClock,
  systemRandom,
} from '@miniplane/api'
import { resources, silentLog } from '@miniplane/client'
import { startControllers, startHollowNodes } from '@miniplane/controllers'
import { type ControlPlane, startControlPlane } from 'miniplane'
import { describe, expect, it } from 'vitest'
import { eventually } from '../support/eventually.js'
import { deployment, isReady } from '../support/workloads.js'

const inDefault = { namespace: 'default' }

const deployments = (plane: ControlPlane) => plane.client.of(resources.deployments)

const podsOf = async (plane: ControlPlane, app: string) =>
  (await plane.client.of(resources.pods).list({ ...inDefault, labelSelector: `app=${app}` })).items

async function settled(plane: ControlPlane, name: string, timeoutMs?: number): Promise<Deployment> {
  return eventually(async () => {
    const found = await deployments(plane).get(name, inDefault)
    const { spec, status, metadata } = found
    expect(status).toMatchObject({
      observedGeneration: metadata.generation,
      replicas: spec.replicas,
      updatedReplicas: spec.replicas,
      availableReplicas: spec.replicas,
    })
    return found
  }, timeoutMs)
}

const setImage = (plane: ControlPlane, name: string, image: string) =>
  deployments(plane).patch(
    name,
    { spec: { template: { spec: { containers: [{ name: 'app', image }] } } } },
    { ...inDefault, type: 'strategic' },
  )

describe('a Deployment survives', () => {
  it('its Pods being deleted', async () => {
    await using plane = await startControlPlane({ https: false })
    await deployments(plane).create(deployment('web', 3))
    await settled(plane, 'web')
    const before = await podsOf(plane, 'web')
    await plane.client
      .of(resources.pods)
      .deleteCollection({ ...inDefault, labelSelector: 'app=web', gracePeriodSeconds: 0 })
    await eventually(async () => {
      const now = await podsOf(plane, 'web')
      expect(now.filter(isReady)).toHaveLength(3)
      const uids = new Set(before.map(({ metadata }) => metadata.uid))
      expect(now.some(({ metadata }) => uids.has(metadata.uid))).toBe(false)
    })
    await settled(plane, 'web')
  })

  it('scaling in the middle of a rollout', async () => {
    await using plane = await startControlPlane({ https: false })
    await deployments(plane).create(deployment('web', 4))
    await settled(plane, 'web')
    await setImage(plane, 'web', 'app:2')
    await deployments(plane).patch(
      'web',
      { spec: { replicas: 9 } },
      { ...inDefault, type: 'merge' },
    )
    await settled(plane, 'web')
    const pods = (await podsOf(plane, 'web')).filter(isReady)
    expect(pods).toHaveLength(9)
    expect(new Set(pods.map(({ spec }) => spec.containers[0]?.image))).toEqual(new Set(['app:2']))
  })

  it('an image that never becomes ready: it reports the deadline, and undo heals it', async () => {
    await using plane = await startControlPlane({ https: false })
    const web = deployment('web', 2, (spec) => {
      spec.progressDeadlineSeconds = 1
    })
    await deployments(plane).create(web)
    const healthy = await settled(plane, 'web')
    await deployments(plane).patch(
      'web',
      { spec: { template: { metadata: { annotations: { 'miniplane/ready': 'false' } } } } },
      { ...inDefault, type: 'merge' },
    )
    await eventually(async () => {
      const { status } = await deployments(plane).get('web', inDefault)
      const progressing = status.conditions?.find(({ type }) => type === 'Progressing')
      expect(progressing).toMatchObject({ status: 'False', reason: 'ProgressDeadlineExceeded' })
      // Of two replicas 25 % may be missing, rounded down: none.
      expect(status.availableReplicas).toBe(2)
    })
    const now = await deployments(plane).get('web', inDefault)
    await deployments(plane).update({
      ...now,
      spec: { ...now.spec, template: healthy.spec.template },
    } as Deployment & KubeObject)
    await settled(plane, 'web')
  })

  it('its controllers being restarted in the middle of a rollout', async () => {
    await using plane = await startControlPlane({
      https: false,
      controllers: false,
      scheduler: true,
      nodes: 2,
    })
    const start = () =>
      startControllers({
        transport: (userAgent) => plane.transport(userAgent),
        clock: systemClock,
        random: systemRandom(),
        ledger: new Ledger(),
        log: silentLog,
      })
    const first = start()
    await deployments(plane).create(deployment('web', 6))
    await settled(plane, 'web')
    await setImage(plane, 'web', 'app:2')
    await eventually(async () => {
      const { status } = await deployments(plane).get('web', inDefault)
      expect(status.updatedReplicas ?? 0).toBeGreaterThan(0)
    })
    await first.stop()
    const second = start()
    try {
      await settled(plane, 'web')
      const pods = await eventually(async () => {
        const found = await podsOf(plane, 'web')
        expect(found).toHaveLength(6)
        return found
      })
      expect(pods.every(({ spec }) => spec.containers[0]?.image === 'app:2')).toBe(true)
    } finally {
      await second.stop()
    }
  })
})

/** A plane whose time only moves when told, and whose nodes can be switched off. */
async function heldPlane() {
  const clock = new ManualClock()
  const random = seededRandom(1)
  const plane = await startControlPlane({ clock, random, https: false, nodes: 0 })
  const nodes = startHollowNodes({
    transport: (userAgent) => plane.transport(userAgent),
    clock,
    random,
    ledger: plane.ledger,
    log: silentLog,
  })
  /** Second by second, so that whatever one timer leads to is done before the next. */
  const advance = async (seconds: number) => {
    for (let second = 0; second < seconds; second++) {
      clock.advance(1000)
      await plane.settle()
    }
  }
  const close = async () => {
    nodes.stop()
    await plane.close()
  }
  await plane.settle()
  return { plane, nodes, advance, [Symbol.asyncDispose]: close }
}

async function placement(plane: ControlPlane, app: string): Promise<string[]> {
  const pods = await podsOf(plane, app)
  return pods.map((pod) => {
    const state = pod.metadata.deletionTimestamp ? 'leaving' : isReady(pod) ? 'ready' : 'not ready'
    return `${state} on ${pod.spec.nodeName}`
  })
}

async function nodeView(plane: ControlPlane, name: string) {
  const { spec, status } = await plane.client.of(resources.nodes).get(name)
  const ready = findCondition<NodeCondition>(status.conditions, 'Ready')
  const taints = (spec.taints ?? []).map(({ key, effect }) => `${key}:${effect}`)
  return { ready: ready?.status, message: ready?.message, taints }
}

describe('a Deployment survives a node going NotReady', () => {
  it('its Pods stop serving after 40 s and are elsewhere once their patience ends', async () => {
    await using held = await heldPlane()
    const { plane, nodes, advance } = held
    const patience = { operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 30 }
    const tolerations = ['not-ready', 'unreachable'].map((condition) => ({
      key: `node.kubernetes.io/${condition}`,
      ...patience,
    }))
    const web = deployment('web', 2, (spec) => {
      spec.template.spec.tolerations = tolerations
    })
    await deployments(plane).create(web)
    await plane.settle()
    expect((await placement(plane, 'web')).sort()).toEqual(['ready on node-1', 'ready on node-2'])

    nodes.stopNode('node-1')
    await advance(39)
    expect(await nodeView(plane, 'node-1')).toMatchObject({ ready: 'True', taints: [] })
    await advance(1)
    expect(await nodeView(plane, 'node-1')).toEqual({
      ready: 'Unknown',
      message: 'Kubelet stopped posting node status.',
      taints: [
        'node.kubernetes.io/unreachable:NoSchedule',
        'node.kubernetes.io/unreachable:NoExecute',
      ],
    })
    expect((await placement(plane, 'web')).sort()).toEqual([
      'not ready on node-1',
      'ready on node-2',
    ])

    await advance(29)
    expect(await placement(plane, 'web')).toContain('not ready on node-1')
    await advance(1)
    // Nobody on the node can say that the Pod has ended: it stays, and another takes its place.
    expect((await placement(plane, 'web')).sort()).toEqual([
      'leaving on node-1',
      'ready on node-2',
      'ready on node-2',
    ])
    const { status } = await deployments(plane).get('web', inDefault)
    expect(status).toMatchObject({ replicas: 2, availableReplicas: 2 })

    nodes.startNode('node-1')
    await advance(2)
    expect(await nodeView(plane, 'node-1')).toMatchObject({ ready: 'True', taints: [] })
    expect(await placement(plane, 'web')).toEqual(['ready on node-2', 'ready on node-2'])
  })

  it('and one that is back in time changes nothing', async () => {
    await using held = await heldPlane()
    const { plane, nodes, advance } = held
    await deployments(plane).create(deployment('web', 2))
    await plane.settle()
    const uids = async () => (await podsOf(plane, 'web')).map(({ metadata }) => metadata.uid)
    const before = await uids()

    nodes.stopNode('node-1')
    await advance(60)
    expect(await placement(plane, 'web')).toContain('not ready on node-1')
    nodes.startNode('node-1')
    await advance(2)
    expect((await placement(plane, 'web')).sort()).toEqual(['ready on node-1', 'ready on node-2'])
    // Longer than the 300 s that every Pod tolerates by default: the eviction was called off.
    await advance(300)
    expect(await uids()).toEqual(before)
  })
})
