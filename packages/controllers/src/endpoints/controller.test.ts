import { expect, it } from 'vitest'
import { FakeApi } from '../fake-api.suite.js'
import { runOnFake } from '../manager/run-on-fake.fixture.js'
import { endpointsController } from './controller.js'

const ENDPOINTS = '/api/v1/namespaces/default/endpoints'

it("somebody's own Endpoints without a Service are left alone, also when they change", async () => {
  const api = new FakeApi()
  const running = runOnFake(endpointsController, api)
  const body = { metadata: { name: 'mine', namespace: 'default' }, subsets: [] }
  await api.request({ method: 'POST', path: ENDPOINTS, body })
  await running.settled()
  const [made] = api.objects<typeof body>('/api/v1/endpoints')
  const labelled = { ...made, metadata: { ...made?.metadata, labels: { a: 'b' } } }
  await api.request({ method: 'PUT', path: `${ENDPOINTS}/mine`, body: labelled })
  await running.settled()
  await running.stop()
  expect(api.objects('/api/v1/endpoints')).toMatchObject([
    { metadata: { name: 'mine', labels: { a: 'b' } } },
  ])
  expect(api.writes('DELETE', /endpoints/)).toEqual([])
})
