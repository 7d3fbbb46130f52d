import type { KubeObject } from '@miniplane/api'
import type { Transport } from '@miniplane/client'
import { expect, it } from 'vitest'
import { FakeApi } from '../fake-api.suite.js'
import { runOnFake } from '../manager/run-on-fake.fixture.js'
import { persistentVolumeController } from './controller.js'

const CLAIMS = '/api/v1/namespaces/default/persistentvolumeclaims'

/** Lists no claims, as a cache that has not heard of them yet; asked for one it answers. */
const unaware = (api: FakeApi): Transport => ({
  async request(request) {
    const answer = await api.request(request)
    const isList = request.method === 'GET' && request.path.endsWith('/persistentvolumeclaims')
    return isList ? { ...answer, object: { ...(answer.object as object), items: [] } } : answer
  },
  watch: (request, sink) => api.watch(request, sink),
  close: () => api.close(),
})

it.each([
  ['is there, though nobody has heard of it yet', 'u', [undefined]],
  ['is another one of the same name', 'another', []],
])('a volume whose claim %s', async (_, uid, phases) => {
  const api = new FakeApi()
  const create = (path: string, body: object) => api.request({ method: 'POST', path, body })
  await create(CLAIMS, {
    metadata: { name: 'c', namespace: 'default', uid },
    spec: { volumeName: 'v' },
    status: { phase: 'Bound' },
  })
  await create('/api/v1/persistentvolumes', {
    metadata: { name: 'v', uid: 'v' },
    spec: {
      hostPath: { path: '/tmp/v' },
      persistentVolumeReclaimPolicy: 'Delete',
      claimRef: { namespace: 'default', name: 'c', uid: 'u' },
    },
    status: {},
  })
  const running = runOnFake(persistentVolumeController, unaware(api))
  await running.settled()
  await running.stop()
  const left = api.objects<KubeObject & { status: { phase?: string } }>('/api/v1/persistentvolumes')
  expect(left.map(({ status }) => status.phase)).toEqual(phases)
})

it.each([
  ['of no class gets the default one that comes later', {}, 'standard'],
  ['that wants none keeps none', { storageClassName: '' }, ''],
])('a claim %s', async (_, spec, expected) => {
  const api = new FakeApi()
  const create = (path: string, body: object) => api.request({ method: 'POST', path, body })
  await create(CLAIMS, { metadata: { name: 'c', namespace: 'default' }, spec, status: {} })
  const running = runOnFake(persistentVolumeController, api)
  await running.settled()
  await create('/apis/storage.k8s.io/v1/storageclasses', {
    metadata: {
      name: 'standard',
      annotations: { 'storageclass.kubernetes.io/is-default-class': 'true' },
    },
    provisioner: 'example.com/none',
  })
  await running.settled()
  await running.stop()
  const [claim] = api.objects<KubeObject & { spec: { storageClassName?: string } }>(
    '/api/v1/persistentvolumeclaims',
  )
  expect(claim?.spec.storageClassName).toBe(expected)
})
