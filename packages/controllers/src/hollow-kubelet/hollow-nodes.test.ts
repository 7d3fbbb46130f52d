import { type Lease, Ledger, ManualClock, type Node, type Pod, seededRandom } from '@miniplane/api'
import { silentLog } from '@miniplane/client'
import { afterEach, expect, test } from 'vitest'
import { FakeApi } from '../fake-api.suite.js'
import { type HollowNodes, type HollowNodesOptions, startHollowNodes } from './hollow-nodes.js'

const PODS = '/api/v1/pods'
const POD_STATUS = /\/pods\/[^/]+\/status$/

/** Lets everything run that waits for nothing but its turn. */
async function settled(): Promise<void> {
  for (let i = 0; i < 20; i++) await new Promise((resolve) => setImmediate(resolve))
}

let running: HollowNodes | undefined
afterEach(() => running?.stop())

async function begin(options: Partial<HollowNodesOptions> = {}) {
  const api = new FakeApi()
  const clock = new ManualClock()
  const ledger = new Ledger()
  const nodes = startHollowNodes({
    transport: () => api,
    clock,
    random: seededRandom(1),
    ledger,
    log: silentLog,
    ...options,
  })
  running = nodes
  await settled()
  const advance = async (ms: number) => {
    clock.advance(ms)
    await settled()
  }
  const create = async (pod: Pod) => {
    await api.request({ method: 'POST', path: '/api/v1/namespaces/default/pods', body: pod })
    await settled()
  }
  const remove = async (name: string, gracePeriodSeconds?: number) => {
    const path = `/api/v1/namespaces/default/pods/${name}`
    await api.request({ method: 'DELETE', path, body: { gracePeriodSeconds } })
    await settled()
  }
  const pod = (name: string) => api.objects<Pod>(PODS).find((p) => p.metadata.name === name)
  return { api, clock, ledger, nodes, advance, create, remove, pod }
}

const podOf = (name: string, nodeName: string, annotations: Record<string, string> = {}): Pod => ({
  metadata: { name, namespace: 'default', uid: `uid-${name}`, annotations },
  spec: {
    nodeName,
    restartPolicy: 'Always',
    containers: [{ name: 'c', image: 'i', resources: {} }],
  },
  status: { phase: 'Pending' },
})

test('registers its nodes, ready and with what they have', async () => {
  const { api } = await begin()
  const nodes = api.objects<Node>('/api/v1/nodes')
  expect(
    nodes.map(({ metadata, spec, status }) => [
      metadata.name,
      spec.podCIDR,
      status.allocatable,
      status.conditions?.find(({ type }) => type === 'Ready')?.status,
    ]),
  ).toEqual([
    ['node-1', '10.244.0.0/24', { cpu: '32', memory: '256Gi', pods: '110' }, 'True'],
    ['node-2', '10.244.1.0/24', { cpu: '32', memory: '256Gi', pods: '110' }, 'True'],
  ])
})

test('renews each Lease about every ten seconds, owned by its node', async () => {
  const { api, advance } = await begin({ count: 1 })
  const renewTimes = new Set<string | undefined>()
  for (let i = 0; i < 5; i++) {
    const [lease] = api.objects<Lease>('/apis/coordination.k8s.io/v1/leases')
    expect(lease?.metadata).toMatchObject({
      namespace: 'kube-node-lease',
      ownerReferences: [{ kind: 'Node' }],
    })
    renewTimes.add(lease?.spec.renewTime)
    await advance(10_400)
  }
  expect(renewTimes.size).toBe(5)
})

test('renews a Lease that nobody owns when its Node was removed', async () => {
  const { api, advance } = await begin({ count: 1 })
  const leases = '/apis/coordination.k8s.io/v1/leases'
  await api.request({ method: 'DELETE', path: '/api/v1/nodes/node-1' })
  // The garbage collector does this, as the Node was its owner.
  await api.request({
    method: 'DELETE',
    path: '/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases/node-1',
  })
  // One beat finds that there is none, the next makes it.
  await advance(11_000)
  await advance(1_000)
  const [lease] = api.objects<Lease>(leases)
  expect(lease?.metadata).toMatchObject({ name: 'node-1' })
  expect(lease?.metadata).not.toHaveProperty('ownerReferences')
})

test('tries again to register while the server refuses', async () => {
  const api = new FakeApi()
  const refusal = {
    status: 500,
    headers: {},
    object: { kind: 'Status', code: 500 },
    text: () => '',
  }
  api.intercept = ({ method, path }) =>
    method === 'POST' && path.endsWith('/nodes') ? refusal : undefined
  const { advance } = await begin({ transport: () => api, count: 1 })
  expect(api.objects('/api/v1/nodes')).toEqual([])
  api.intercept = () => undefined
  await advance(1_000)
  expect(api.objects('/api/v1/nodes')).toHaveLength(1)
})

test('a bound Pod is Running and Ready after one write, with addresses of its node', async () => {
  const { api, create, pod, ledger } = await begin()
  await create(podOf('a', 'node-2'))
  expect(api.writes('PATCH', POD_STATUS)).toHaveLength(1)
  expect(api.writes('PATCH', POD_STATUS)[0]?.cause).toMatchObject({
    actor: 'kubelet/node-2',
    workItem: 'default/a',
  })
  const status = pod('a')?.status
  expect(status).toMatchObject({ phase: 'Running', hostIP: '172.18.0.3' })
  expect(status?.podIP).toMatch(/^10\.244\.1\.\d+$/)
  expect(ledger.counts()).toMatchObject({ queuedKey: 0, reconcile: 0 })
})

test('Pods of other nodes, and those without one, are left alone', async () => {
  const { api, create } = await begin()
  await create(podOf('a', 'node-9'))
  await create(podOf('b', ''))
  expect(api.writes('PATCH', POD_STATUS)).toEqual([])
})

test('every Pod of a node has an address of its own, and gives it back', async () => {
  const { create, remove, pod } = await begin({ count: 1 })
  for (let i = 0; i < 20; i++) await create(podOf(`p${i}`, 'node-1'))
  const addresses = Array.from({ length: 20 }, (_, i) => pod(`p${i}`)?.status.podIP)
  expect(new Set(addresses).size).toBe(20)
  for (let i = 0; i < 300; i++) {
    await create(podOf('short', 'node-1'))
    expect(addresses).not.toContain(pod('short')?.status.podIP)
    await remove('short', 0)
  }
})

test('conditions that others wrote meanwhile are kept', async () => {
  const { api, create, pod } = await begin()
  const gate = { type: 'example.com/go', status: 'False' }
  await create({ ...podOf('a', 'node-1'), status: { conditions: [gate] } })
  const types = () => pod('a')?.status.conditions?.map(({ type }) => type)
  expect(types()).toContain('example.com/go')
  // A write that the kubelet has not seen when it sends its own: a conflict, then the same again.
  let meddled = false
  api.intercept = (request) => {
    if (meddled || !POD_STATUS.test(request.path)) return undefined
    meddled = true
    const status = { conditions: [{ type: 'x/y', status: 'True' }] }
    void api.request({ method: 'PATCH', path: request.path, body: { status } })
    return undefined
  }
  const path = '/api/v1/namespaces/default/pods/a'
  const metadata = { annotations: { 'miniplane/ready': 'false' } }
  await api.request({ method: 'PATCH', path, body: { metadata } })
  await settled()
  expect(types()).toEqual(expect.arrayContaining(['example.com/go', 'x/y', 'Ready']))
  expect(pod('a')?.status.containerStatuses?.[0]?.ready).toBe(false)
})

test.each([
  ['after 0.2 seconds', undefined, {}, 200],
  [
    'at the end of a grace period that is shorter than it needs',
    1,
    { 'miniplane/stop-delay': '5s' },
    1_000,
  ],
  ['when it has stopped', 30, { 'miniplane/stop-delay': '5s' }, 5_000],
])('a deleted Pod goes %s', async (_, grace, annotations, goneAfterMs) => {
  const { api, create, remove, advance, pod } = await begin()
  await create(podOf('a', 'node-1', annotations))
  await remove('a', grace)
  await advance(goneAfterMs - 1)
  expect(pod('a')).toBeDefined()
  await advance(1)
  expect(pod('a')).toBeUndefined()
  const last = api.writes('DELETE', /\/pods\/a$/).at(-1)
  expect(last?.body).toMatchObject({ gracePeriodSeconds: 0, preconditions: { uid: 'uid-a' } })
})

test('a deleted Pod that a finalizer holds says how it ended', async () => {
  const { create, remove, advance, pod } = await begin()
  const held = podOf('a', 'node-1')
  held.metadata.finalizers = ['example.com/hold']
  await create(held)
  await remove('a')
  await advance(200)
  expect(pod('a')?.status.phase).toBe('Failed')
  expect(pod('a')?.metadata.deletionGracePeriodSeconds).toBe(0)
})

test('a node that went dark says nothing; back again, its Pods go on', async () => {
  const { api, nodes, create, advance, pod } = await begin({ count: 1 })
  await create(podOf('a', 'node-1'))
  const before = pod('a')?.status
  nodes.stopNode('node-1')
  await create(podOf('b', 'node-1'))
  const quiet = api.requests.length
  await advance(60_000)
  expect(api.requests.length).toBe(quiet)
  expect(pod('b')?.status.phase).toBe('Pending')
  nodes.startNode('node-1')
  await settled()
  expect(pod('b')?.status.phase).toBe('Running')
  expect(pod('a')?.status).toEqual(before)
})

test('says that it is ready again when somebody wrote that it is not', async () => {
  const { api, advance } = await begin({ count: 1 })
  const status = { conditions: [{ type: 'Ready', status: 'Unknown' }] }
  await api.request({ method: 'PATCH', path: '/api/v1/nodes/node-1/status', body: { status } })
  await advance(10_400)
  const [node] = api.objects<Node>('/api/v1/nodes')
  expect(node?.status.conditions?.find(({ type }) => type === 'Ready')).toMatchObject({
    status: 'True',
    reason: 'KubeletReady',
  })
})

test('a failed write is tried again', async () => {
  const { api, create, advance, pod } = await begin()
  const refusal = {
    status: 503,
    headers: {},
    object: { kind: 'Status', code: 503 },
    text: () => '',
  }
  api.intercept = ({ path }) => (POD_STATUS.test(path) ? refusal : undefined)
  await create(podOf('a', 'node-1'))
  expect(pod('a')?.status.phase).toBe('Pending')
  api.intercept = () => undefined
  await advance(1_000)
  expect(pod('a')?.status.phase).toBe('Running')
})

test.each<[string, Partial<HollowNodesOptions>, RegExp]>([
  ['two nodes of one name', { names: ['a', 'a'] }, /different names/],
  ['more Pods than addresses', { capacity: { pods: '1000' } }, /at most 250 Pods, not 1000/],
])('%s: refused', async (_, options, message) => {
  await expect(begin(options)).rejects.toThrow(message)
})
