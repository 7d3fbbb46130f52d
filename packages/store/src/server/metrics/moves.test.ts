import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { etcdPath, RealEtcd } from '../../judges/real-etcd.fixture.js'
import { openTestEtcd, type TestEtcd } from '../etcd.fixture.js'

const base64 = (text: string): string => Buffer.from(text).toString('base64')
const key = base64('k')
const value = base64('value')
const LEASE = '7'

const put = { requestPut: { key, value } }
const get = { requestRange: { key } }
const exists = { key, target: 'VERSION', result: 'GREATER', version: '0' }

type Moves = Readonly<Record<string, number>>

/** What is asked of the gateway, one after the other, and which counters that moves by how much. */
const steps: readonly (readonly [what: string, path: string, body: object, moves: Moves])[] = [
  ['a put', 'kv/put', { key, value }, { mvcc_put_total: 1 }],
  [
    'a put that answers what was there reads it: two operations at once',
    'kv/put',
    { key, value, prev_kv: true },
    { mvcc_put_total: 1, mvcc_range_total: 1, mvcc_txn_total: 1 },
  ],
  ['a range', 'kv/range', { key }, { mvcc_range_total: 1 }],
  ['a range that the member answers alone', 'kv/range', { key, serializable: true }, one('range')],
  ['a deletion of nothing', 'kv/deleterange', { key: base64('nothing') }, one('delete')],
  [
    'a transaction: each comparison is a range',
    'kv/txn',
    { compare: [exists, exists], success: [put] },
    { mvcc_put_total: 1, mvcc_range_total: 2, mvcc_txn_total: 1 },
  ],
  [
    'only the first comparison that does not hold is made',
    'kv/txn',
    { compare: [{ ...exists, result: 'LESS' }, exists], failure: [get] },
    { mvcc_range_total: 2, mvcc_txn_total: 1 },
  ],
  ['a transaction of one operation is none', 'kv/txn', { success: [put] }, one('put')],
  [
    'an update that keeps the value reads it, and has looked before',
    'kv/txn',
    { success: [{ requestPut: { key, ignore_value: true } }] },
    { mvcc_put_total: 1, mvcc_range_total: 2, mvcc_txn_total: 1 },
  ],
  [
    'a lease',
    'lease/grant',
    { ID: LEASE, TTL: '60' },
    { debugging_lease_granted_total: 1, debugging_lease_ttl_total_count: 1 },
  ],
  ['a key of it', 'kv/put', { key, value, lease: LEASE }, one('put')],
  ['another one', 'kv/put', { key: base64('l'), value, lease: LEASE }, one('put')],
  ['its life goes on', 'lease/keepalive', { ID: LEASE }, { debugging_lease_renewed_total: 1 }],
  [
    'its end takes both keys, in one transaction',
    'kv/lease/revoke',
    { ID: LEASE },
    { debugging_lease_revoked_total: 1, mvcc_delete_total: 2, mvcc_txn_total: 1 },
  ],
  [
    'a compaction, whose answer needs a read',
    'kv/compaction',
    { revision: '4', physical: true },
    { mvcc_range_total: 1, debugging_mvcc_db_compaction_keys_total: 2 },
  ],
  [
    'a defragmentation',
    'maintenance/defragment',
    {},
    { disk_backend_defrag_duration_seconds_count: 1 },
  ],
]

function one(operation: 'put' | 'range' | 'delete'): Moves {
  return { [`mvcc_${operation}_total`]: 1 }
}

const NAMES = new Set([
  ...steps.flatMap(([, , , moves]) => Object.keys(moves)),
  'debugging_mvcc_events_total',
  'debugging_server_lease_expired_total',
  'server_slow_apply_total',
  'server_proposals_failed_total',
])

async function metricsOf(url: string): Promise<Map<string, number>> {
  const text = await (await fetch(`${url}/metrics`)).text()
  const lines = text.split('\n').filter((line) => line.startsWith('etcd_'))
  const all = lines.map((line) => line.replace(/^etcd_/, '').split(' ') as [string, string])
  return new Map(
    all.filter(([name]) => NAMES.has(name)).map(([name, count]) => [name, Number(count)]),
  )
}

async function movesOf(url: string, path: string, body: object): Promise<Moves> {
  const before = await metricsOf(url)
  const answer = await fetch(`${url}/v3/${path}`, { method: 'POST', body: JSON.stringify(body) })
  expect(answer.status, await answer.text()).toBe(200)
  const after = await metricsOf(url)
  const moves: Record<string, number> = {}
  for (const [name, count] of after) {
    const move = count - (before.get(name) ?? 0)
    if (move !== 0) moves[name] = move
  }
  return moves
}

describe('counters of what was done', () => {
  let ours: TestEtcd
  beforeAll(async () => {
    ours = await openTestEtcd()
  })
  afterAll(() => ours[Symbol.asyncDispose]())

  it.each(steps)('%s', async (_, path, body, moves) => {
    expect(await movesOf(ours.url, path, body)).toEqual(moves)
  })

  it('an entry that is applied is measured', async () => {
    const text = await (await fetch(`${ours.url}/metrics`)).text()
    const [, count] = /etcd_server_apply_duration_seconds_count (\d+)/.exec(text) ?? []
    const [, below] =
      /etcd_server_apply_duration_seconds_bucket\{le="52.4288"\} (\d+)/.exec(text) ?? []
    expect(Number(count)).toBeGreaterThan(10)
    expect(below).toBe(count)
  })
})

describe.skipIf(etcdPath() === undefined)('the same of a real etcd', () => {
  let etcd: RealEtcd
  beforeAll(async () => {
    etcd = await RealEtcd.start(etcdPath() as string)
  })
  afterAll(() => etcd[Symbol.asyncDispose]())

  it.each(steps)('%s', async (_, path, body, moves) => {
    expect(await movesOf(etcd.url, path, body)).toEqual(moves)
  })

  it('has no counter of these that we have not', async () => {
    const ours = await openTestEtcd()
    const names = [...(await metricsOf(ours.url)).keys()]
    await ours[Symbol.asyncDispose]()
    expect(names).toEqual(expect.arrayContaining([...(await metricsOf(etcd.url)).keys()]))
  })
})
