import {
  type eventsV1,
  Ledger,
  ManualClock,
  type Node,
  type Pod,
  seededRandom,
} from '@miniplane/api'
import { silentLog } from '@miniplane/client'
import { afterEach, expect, test } from 'vitest'
import { FakeApi } from '../fake-api.suite.js'
import { nodeOf, type PodGiven, podOf } from './cluster.suite.js'
import { type Scheduler, startScheduler } from './scheduler.js'

const PODS = '/api/v1/pods'
const BINDING = /\/binding$/

/** Lets everything run that waits for nothing but its turn. */
async function settled(): Promise<void> {
  for (let i = 0; i < 20; i++) await new Promise((resolve) => setImmediate(resolve))
}

let running: Scheduler | undefined
afterEach(() => running?.stop())

async function begin(nodes: readonly Node[], prepare: (api: FakeApi) => void = () => {}) {
  const api = new FakeApi()
  const clock = new ManualClock()
  const ledger = new Ledger()
  const send = async (method: string, path: string, body: unknown) => {
    const answer = await api.request({ method, path, body })
    await settled()
    return answer
  }
  for (const node of nodes) await send('POST', '/api/v1/nodes', node)
  prepare(api)
  const scheduler = startScheduler({
    transport: api,
    clock,
    random: seededRandom(1),
    ledger,
    log: silentLog,
  })
  running = scheduler
  await settled()
  const create = (name: string, given?: PodGiven) =>
    send('POST', '/api/v1/namespaces/default/pods', podOf(name, given))
  const pod = (name: string) => api.objects<Pod>(PODS).find((p) => p.metadata.name === name)
  const nodeNameOf = (name: string) => pod(name)?.spec.nodeName
  const scheduledOf = (name: string) =>
    pod(name)?.status.conditions?.find(({ type }) => type === 'PodScheduled')
  const events = () => api.objects<eventsV1.Event>('/apis/events.k8s.io/v1/events')
  return { api, clock, ledger, scheduler, send, create, pod, nodeNameOf, scheduledOf, events }
}

test('binds a Pod, says so, and remembers why', async () => {
  const { api, create, nodeNameOf, events, scheduler, ledger } = await begin([
    nodeOf('a', { unschedulable: true }),
    nodeOf('b'),
  ])
  await create('web', { cpu: '1' })
  expect(nodeNameOf('web')).toBe('b')
  expect(events()).toMatchObject([
    {
      type: 'Normal',
      reason: 'Scheduled',
      action: 'Binding',
      note: 'Successfully assigned default/web to b',
      reportingController: 'default-scheduler',
      regarding: { kind: 'Pod', name: 'web', uid: 'uid-web' },
    },
  ])
  expect(api.writes('POST', BINDING)[0]?.cause).toMatchObject({
    actor: 'default-scheduler',
    workItem: 'default/web',
    triggers: [{ resource: '/pods', key: 'default/web' }],
  })
  expect(scheduler.decisions.ofPod('uid-web')).toMatchObject([
    {
      nodeName: 'b',
      attempt: 1,
      evaluated: 2,
      feasible: 1,
      refusals: [{ node: 'a', plugin: 'NodeUnschedulable' }],
    },
  ])
  expect(ledger.isIdle).toBe(true)
})

test('Pods of other schedulers, and those that have a node, are not ours', async () => {
  const { api, create } = await begin([nodeOf('a')])
  await create('other', { spec: { schedulerName: 'nobody' } })
  await create('placed', { spec: { nodeName: 'a' } })
  expect(api.writes('POST', BINDING)).toEqual([])
})

test('a Pod counts on its node before its binding is seen', async () => {
  const { create, nodeNameOf } = await begin([nodeOf('a'), nodeOf('b')], (api) => {
    // Bindings are accepted, but the watch never tells of them.
    api.intercept = ({ path }) =>
      BINDING.test(path) ? { status: 201, headers: {}, object: {}, text: () => '' } : undefined
  })
  await Promise.all(['1', '2', '3'].map((name) => create(name, { cpu: '3' })))
  expect([nodeNameOf('1'), nodeNameOf('2'), nodeNameOf('3')]).toEqual([
    undefined,
    undefined,
    undefined,
  ])
  const decided = running?.decisions
    .list()
    .map(({ pod, nodeName, message }) => [pod, nodeName ?? message])
  expect(
    decided
      ?.slice(0, 2)
      .map(([, node]) => node)
      .toSorted(),
  ).toEqual(['a', 'b'])
  expect(decided?.[2]?.[1]).toMatch(/^0\/2 nodes are available: 2 Insufficient cpu\./)
})

test.each<[string, Node[], PodGiven, string]>([
  [
    'too large for any node',
    [nodeOf('a'), nodeOf('b')],
    { cpu: '100', memory: '1Ti' },
    '0/2 nodes are available: 2 Insufficient cpu, 2 Insufficient memory. no new claims to deallocate, preemption: 0/2 nodes are available: 2 Preemption is not helpful for scheduling.',
  ],
  [
    'different reasons, sorted with their numbers',
    [nodeOf('a', { unschedulable: true }), nodeOf('b'), nodeOf('c')],
    { spec: { nodeSelector: { 'kubernetes.io/hostname': 'a' } } },
    "0/3 nodes are available: 1 node(s) were unschedulable, 2 node(s) didn't match Pod's node affinity/selector. no new claims to deallocate, preemption: 0/3 nodes are available: 3 Preemption is not helpful for scheduling.",
  ],
  [
    'rejected before any node is looked at',
    [nodeOf('a'), nodeOf('b')],
    {
      spec: { volumes: [{ name: 'v', persistentVolumeClaim: { claimName: 'nothere' } }] as never },
    },
    '0/2 nodes are available: persistentvolumeclaim "nothere" not found. not found',
  ],
  ['no nodes', [], {}, 'no nodes available to schedule pods'],
])('fits nowhere: %s', async (_, nodes, given, message) => {
  const { create, scheduledOf, events } = await begin(nodes)
  await create('web', given)
  expect(scheduledOf('web')).toMatchObject({ status: 'False', reason: 'Unschedulable', message })
  expect(events()).toMatchObject([
    { type: 'Warning', reason: 'FailedScheduling', action: 'Scheduling', note: message },
  ])
})

test('not allowed to preempt', async () => {
  const { create, scheduledOf } = await begin([nodeOf('a')])
  await create('there', { cpu: '3', spec: { nodeName: 'a' } })
  await create('web', { cpu: '3', priority: 5, spec: { preemptionPolicy: 'Never' } })
  expect(scheduledOf('web')?.message).toBe(
    '0/1 nodes are available: 1 Insufficient cpu. no new claims to deallocate, preemption: not eligible due to preemptionPolicy=Never.',
  )
})

test('what it waits for happens: it gets its node, and the cause is known', async () => {
  const { api, create, send, nodeNameOf } = await begin([nodeOf('a')])
  await create('web', { spec: { nodeSelector: { disk: 'ssd' } } })
  expect(nodeNameOf('web')).toBeUndefined()
  await send('PATCH', '/api/v1/nodes/a', { metadata: { labels: { disk: 'ssd' } } })
  expect(nodeNameOf('web')).toBe('a')
  expect(api.writes('POST', BINDING)[0]?.cause?.triggers).toMatchObject([
    { resource: '/nodes', key: 'a' },
  ])
})

test('preemption: the victim learns why, goes, and the Pod takes its place', async () => {
  const { api, clock, create, pod, nodeNameOf, events } = await begin([nodeOf('a')])
  await create('low', { cpu: '3', spec: { nodeName: 'a' } })
  await create('high', { cpu: '3', priority: 1_000 })
  expect(pod('high')?.status.nominatedNodeName).toBe('a')
  expect(pod('low')?.metadata.deletionTimestamp).toBeDefined()
  expect(pod('low')?.status.conditions).toMatchObject([
    {
      type: 'DisruptionTarget',
      status: 'True',
      reason: 'PreemptionByScheduler',
      message: 'default-scheduler: preempting to accommodate a higher priority pod',
    },
  ])
  const told = events().map(
    ({ regarding, reason, note }) => `${regarding?.name}: ${reason} ${note}`,
  )
  expect(told).toContain('high: FailedScheduling 0/1 nodes are available: 1 Insufficient cpu.')
  expect(told).toContain('low: Preempted Preempted by pod uid-high on node a')
  await api.request({
    method: 'DELETE',
    path: '/api/v1/namespaces/default/pods/low',
    body: { gracePeriodSeconds: 0 },
  })
  clock.advance(1_000)
  await settled()
  expect(nodeNameOf('high')).toBe('a')
})

test('room that was made for an important Pod is not taken by a lesser one', async () => {
  const { api, create, clock, nodeNameOf } = await begin([nodeOf('a')])
  await create('low', { cpu: '3', spec: { nodeName: 'a' } })
  await create('high', { cpu: '3', priority: 1_000 })
  await create('sneaky', { cpu: '2' })
  const path = '/api/v1/namespaces/default/pods/low'
  await api.request({ method: 'DELETE', path, body: { gracePeriodSeconds: 0 } })
  await settled()
  clock.advance(10_000)
  await settled()
  expect([nodeNameOf('high'), nodeNameOf('sneaky')]).toEqual(['a', undefined])
})

test('a binding that fails is taken back and tried again', async () => {
  const { api, clock, create, nodeNameOf, events, ledger } = await begin([nodeOf('a')], (fake) => {
    const object = { kind: 'Status', code: 500, message: 'etcd is away' }
    fake.intercept = ({ path }) =>
      BINDING.test(path) ? { status: 500, headers: {}, object, text: () => '' } : undefined
  })
  await create('web', { cpu: '3' })
  expect(nodeNameOf('web')).toBeUndefined()
  expect(events()).toMatchObject([{ reason: 'FailedScheduling', note: 'etcd is away' }])
  expect(ledger.isIdle).toBe(true)
  api.intercept = () => undefined
  clock.advance(1_000)
  await settled()
  expect(nodeNameOf('web')).toBe('a')
})

test('a Pod that is deleted while its binding fails is forgotten', async () => {
  const { api, create, scheduler, clock } = await begin([nodeOf('a')], (fake) => {
    const object = { kind: 'Status', code: 404, reason: 'NotFound' }
    fake.intercept = ({ path }) =>
      BINDING.test(path) ? { status: 404, headers: {}, object, text: () => '' } : undefined
  })
  await create('web')
  clock.advance(600_000)
  await settled()
  expect(api.writes('POST', BINDING)).toHaveLength(1)
  expect(scheduler.decisions.list()).toHaveLength(1)
})

test('the same words twice are not written twice', async () => {
  const { api, create, clock } = await begin([nodeOf('a')])
  await create('web', { cpu: '100' })
  clock.advance(300_000)
  await settled()
  expect(running?.decisions.list()).toHaveLength(2)
  expect(api.writes('PATCH', /\/pods\/web\/status$/)).toHaveLength(1)
})

test('five hundred Pods spread evenly over twenty nodes', async () => {
  const room = { cpu: '32', memory: '256Gi', pods: '110' }
  const nodes = Array.from({ length: 20 }, (_, i) => nodeOf(`n${i}`, { allocatable: room }))
  const { api } = await begin(nodes)
  for (let i = 0; i < 500; i++) {
    const body = podOf(`p${i}`, { cpu: '1', memory: '1Gi' })
    void api.request({ method: 'POST', path: '/api/v1/namespaces/default/pods', body })
  }
  await settled()
  await settled()
  const perNode = new Map<string, number>()
  for (const { spec } of api.objects<Pod>(PODS)) {
    perNode.set(spec.nodeName ?? '', (perNode.get(spec.nodeName ?? '') ?? 0) + 1)
  }
  expect([...perNode.values()]).toEqual(Array(20).fill(25))
})
