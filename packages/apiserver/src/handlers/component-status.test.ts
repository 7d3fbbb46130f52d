import { ManualClock } from '@miniplane/api'
import { openEmbeddedStore } from '@miniplane/store'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { FuzzedServer } from '../fuzz/fuzzed-server.fixture.js'
import { componentProbes } from '../health/components.js'

// Every answer here was compared with a real 1.36.3.

const ALL = '/api/v1/componentstatuses'
const TABLE = 'application/json;as=Table;v=v1;g=meta.k8s.io'
const WELL = [{ type: 'Healthy', status: 'True', message: 'ok' }]

const served = new FuzzedServer()
beforeAll(() => served.start())
afterAll(() => served.close())

async function get(url: string, accept = 'application/json') {
  const { status, text, headers } = await served.ask({ method: 'GET', url, headers: { accept } })
  return { status, object: JSON.parse(text) as Record<string, unknown>, headers }
}

it('one says how its component is, and that nobody should ask any more', async () => {
  const { object, headers } = await get(`${ALL}/etcd-0`)
  const metadata = { name: 'etcd-0' }
  const type = { kind: 'ComponentStatus', apiVersion: 'v1' }
  expect(object).toEqual({ ...type, metadata, conditions: WELL })
  expect(headers.warning).toEqual(['299 - "v1 ComponentStatus is deprecated in v1.19+"'])
})

it('a list is what is asked for by name, and nothing has labels', async () => {
  const type = { kind: 'ComponentStatusList', apiVersion: 'v1', metadata: {} }
  const one = await get(`${ALL}?fieldSelector=metadata.name%3Detcd-0`)
  const items = [{ metadata: { name: 'etcd-0' }, conditions: WELL }]
  expect(one.object).toEqual({ ...type, items })
  expect((await get(`${ALL}?labelSelector=a%3Db`)).object).toEqual({ ...type, items: [] })
})

it('a Table has its columns', async () => {
  const { object } = await get(`${ALL}/etcd-0`, TABLE)
  expect(object).toMatchObject({ rows: [{ cells: ['etcd-0', 'Healthy', 'ok', ''] }] })
})

it.each([
  [`${ALL}/x`, 404, 'componentstatus "x" not found'],
  [`${ALL}?watch=1`, 405, 'watch is not supported on resources of kind "componentstatuses"'],
  ['/api/v1/watch/componentstatuses', 404, 'the server could not find the requested resource'],
])('%s is refused', async (url, status, message) => {
  expect(await get(url)).toMatchObject({ status, object: { message } })
})

it('components of this process are as well as it is', async () => {
  const store = openEmbeddedStore({ clock: new ManualClock() })
  const probes = componentProbes(store.client, ['controller-manager', 'scheduler'])
  expect([...probes.keys()]).toEqual(['controller-manager', 'scheduler', 'etcd-0'])
  for (const probe of probes.values())
    expect(await probe()).toEqual({ isWell: true, message: 'ok' })
  await store.close()
})
