import { type KubeObject, Ledger, ManualClock, seededRandom } from '@miniplane/api'
import { silentLog, type Transport, type WatchSink } from '@miniplane/client'
import { describe, expect, it } from 'vitest'
import { FakeApi } from '../fake-api.suite.js'
import { runControllers } from '../manager/start-controllers.js'
import { endpointSliceController } from './controller.js'

const SLICES = '/apis/discovery.k8s.io/v1/endpointslices'

/** Gives names where the client leaves them to the server, and holds back what happens to slices. */
class LaggingApi extends FakeApi {
  #names = 0
  #held: (() => void)[] | undefined

  override request(request: Parameters<Transport['request']>[0]) {
    const { metadata } = (request.body ?? {}) as KubeObject
    if (request.method !== 'POST' || !metadata?.generateName) return super.request(request)
    const named = { ...metadata, name: `${metadata.generateName}${this.#names++}` }
    return super.request({ ...request, body: { ...(request.body as object), metadata: named } })
  }

  override watch(request: Parameters<Transport['watch']>[0], sink: WatchSink) {
    if (!request.path.endsWith('/endpointslices')) return super.watch(request, sink)
    const onEvents: WatchSink['onEvents'] = (events) => {
      if (this.#held) this.#held.push(() => sink.onEvents(events))
      else sink.onEvents(events)
    }
    return super.watch(request, { ...sink, onEvents, onEnd: (error) => sink.onEnd(error) })
  }

  lag(): void {
    this.#held = []
  }

  catchUp(): void {
    const held = this.#held ?? []
    this.#held = undefined
    for (const deliver of held) deliver()
  }
}

const service = (labels = {}) => ({
  metadata: { name: 'web', namespace: 'default', uid: 'svc', labels },
  spec: { selector: { app: 'web' }, ports: [{ port: 80 }], clusterIP: '10.0.0.9' },
  status: {},
})

const pod = (number: number) => ({
  metadata: { name: `web-${number}`, namespace: 'default', labels: { app: 'web' } },
  spec: { nodeName: 'node-1', containers: [] },
  status: {
    phase: 'Running',
    podIPs: [{ ip: `10.1.0.${number}` }],
    conditions: [{ type: 'Ready', status: 'True' }],
  },
})

async function start() {
  const api = new LaggingApi()
  const ledger = new Ledger()
  const running = runControllers([endpointSliceController], {
    transport: () => api,
    clock: new ManualClock(),
    random: seededRandom(1),
    ledger,
    log: silentLog,
  })
  const settle = async () => {
    await new Promise((resolve) => setImmediate(resolve))
    await ledger.idle()
  }
  const create = (plural: string, object: object) => {
    const path = `/api/v1/namespaces/default/${plural}`
    return api.request({ method: 'POST', path, body: object })
  }
  const slices = () =>
    api
      .objects<KubeObject & { endpoints: { addresses: string[] }[] | null }>(SLICES)
      .map(({ endpoints }) => (endpoints ?? []).flatMap(({ addresses }) => addresses))
  await settle()
  return { api, create, settle, slices, [Symbol.asyncDispose]: () => running.stop() }
}

describe('endpointSliceController', () => {
  it('makes no second slice while its cache does not show the first', async () => {
    await using plane = await start()
    const { api, create, settle, slices } = plane
    api.lag()
    await create('services', service())
    await settle()
    await create('pods', pod(1))
    await settle()
    await create('pods', pod(2))
    await settle()
    expect(slices()).toEqual([[]])
    api.catchUp()
    await settle()
    expect(slices()).toEqual([['10.1.0.1', '10.1.0.2']])
  })

  it("carries the Service's labels, also those that come later", async () => {
    await using plane = await start()
    const { api, create, settle } = plane
    await create('services', service({ tier: 'front' }))
    await settle()
    const labels = () => api.objects(SLICES).map(({ metadata }) => metadata.labels)
    const ours = {
      'kubernetes.io/service-name': 'web',
      'endpointslice.kubernetes.io/managed-by': 'endpointslice-controller.k8s.io',
    }
    expect(labels()).toEqual([{ ...ours, tier: 'front' }])
    const path = '/api/v1/namespaces/default/services/web'
    await api.request({ method: 'PUT', path, body: service({ tier: 'back' }) })
    await settle()
    expect(labels()).toEqual([{ ...ours, tier: 'back' }])
  })
})
