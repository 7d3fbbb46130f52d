import { Ledger, ManualClock, seededRandom } from '@miniplane/api'
import { silentLog } from '@miniplane/client'
import { expect, it } from 'vitest'
import { FakeApi } from '../fake-api.suite.js'
import { runControllers } from '../manager/start-controllers.js'
import { endpointsController } from './controller.js'

const ENDPOINTS = '/api/v1/namespaces/default/endpoints'

it("somebody's own Endpoints without a Service are left alone, also when they change", async () => {
  const api = new FakeApi()
  const ledger = new Ledger()
  const running = runControllers([endpointsController], {
    transport: () => api,
    clock: new ManualClock(),
    random: seededRandom(1),
    ledger,
    log: silentLog,
  })
  const settled = async () => {
    for (let turn = 0; turn < 4; turn++) {
      await new Promise((resolve) => setImmediate(resolve))
      await ledger.idle()
    }
  }
  const body = { metadata: { name: 'mine', namespace: 'default' }, subsets: [] }
  await api.request({ method: 'POST', path: ENDPOINTS, body })
  await settled()
  const [made] = api.objects<typeof body>('/api/v1/endpoints')
  const labelled = { ...made, metadata: { ...made?.metadata, labels: { a: 'b' } } }
  await api.request({ method: 'PUT', path: `${ENDPOINTS}/mine`, body: labelled })
  await settled()
  await running.stop()
  expect(api.objects('/api/v1/endpoints')).toMatchObject([
    { metadata: { name: 'mine', labels: { a: 'b' } } },
  ])
  expect(api.writes('DELETE', /endpoints/)).toEqual([])
})
