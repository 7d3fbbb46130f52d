import { afterAll, beforeAll, expect, it } from 'vitest'
import { openTestEtcd, type TestEtcd } from './etcd.fixture.js'

let etcd: TestEtcd
beforeAll(async () => {
  etcd = await openTestEtcd()
})
afterAll(() => etcd[Symbol.asyncDispose]())

async function post(path: string, body: object): Promise<Record<string, unknown>> {
  const url = `${etcd.url}/v3/maintenance/${path}`
  const answer = await fetch(url, { method: 'POST', body: JSON.stringify(body) })
  return (await answer.json()) as Record<string, unknown>
}

it('a downgrade is seen in the status, from when it begins until it is cancelled', async () => {
  const info = async () => (await post('status', {})).downgradeInfo
  expect(await info()).toEqual({})
  await post('downgrade', { action: 'ENABLE', version: '3.5.0' })
  expect(await info()).toEqual({ enabled: true, targetVersion: '3.5.0' })
  await post('downgrade', { action: 'CANCEL' })
  expect(await info()).toEqual({})
})
