import http from 'node:http'
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest'
import { openTestEtcd, type TestEtcd } from './etcd.fixture.js'

let test1: TestEtcd
beforeAll(async () => {
  test1 = await openTestEtcd({
    cors: ['http://friend.example'],
    'host-whitelist': ['127.0.0.1'],
    'listen-metrics-urls': ['http://127.0.0.1:0'],
  })
})
afterAll(() => test1[Symbol.asyncDispose]())

const get = (path: string, init?: RequestInit) => fetch(`${test1.url}${path}`, init)

const post = async (path: string, body: object) =>
  (await get(path, { method: 'POST', body: JSON.stringify(body) })).json()

const alarm = (action: string, name: string) =>
  post('/v3/maintenance/alarm', {
    action,
    alarm: name,
    memberID: test1.etcd.member.id.toString(),
  })

describe('health', () => {
  it('/health is JSON', async () => {
    const response = await get('/health')
    expect(response.status).toBe(200)
    expect(response.headers.get('content-type')).toBe('application/json')
    expect(await response.text()).toBe('{"health":"true","reason":""}')
  })

  it('an alarm makes it false, unless that alarm is excluded', async () => {
    await alarm('ACTIVATE', 'NOSPACE')
    try {
      const response = await get('/health')
      expect(response.status).toBe(503)
      expect(await response.json()).toEqual({ health: 'false', reason: 'ALARM NOSPACE' })
      expect((await get('/health?exclude=NOSPACE')).status).toBe(200)
      expect((await get('/readyz')).status).toBe(200)
    } finally {
      await alarm('DEACTIVATE', 'NOSPACE')
    }
    expect((await get('/health?serializable=true')).status).toBe(200)
  })

  it('each check of /readyz and /livez can be seen, left out, and asked for alone', async () => {
    expect(await (await get('/livez')).text()).toBe('ok\n')
    expect(await (await get('/livez?verbose')).text()).toBe('[+]serializable_read ok\nok\n')
    expect(await (await get('/readyz?verbose&exclude=linearizable_read')).text()).toBe(
      '[+]data_corruption ok\n[+]serializable_read ok\n[+]non_learner ok\nok\n',
    )
    expect(await (await get('/readyz/linearizable_read?verbose')).text()).toBe(
      '[+]linearizable_read ok\nok\n',
    )
    await alarm('ACTIVATE', 'CORRUPT')
    try {
      const response = await get('/readyz')
      expect(response.status).toBe(503)
      expect(await response.text()).toContain(
        '[-]data_corruption failed: alarm activated: CORRUPT\n',
      )
    } finally {
      await alarm('DEACTIVATE', 'CORRUPT')
    }
  })

  it('is only read', async () => {
    for (const path of ['/health', '/livez', '/version', '/metrics']) {
      const response = await get(path, { method: 'POST' })
      expect([path, response.status, response.headers.get('allow')]).toEqual([path, 405, 'GET'])
    }
  })
})

describe('what else there is over HTTP/1.1', () => {
  it('/version names the server and the cluster', async () => {
    expect(await (await get('/version')).json()).toEqual({
      etcdserver: '3.6.0',
      etcdcluster: '3.6.0',
    })
  })

  it('the gateway writes and reads', async () => {
    const key = Buffer.from('k').toString('base64')
    await post('/v3/kv/put', { key, value: Buffer.from('v').toString('base64') })
    const answer = (await post('/v3/kv/range', { key })) as { kvs: { value: string }[] }
    expect(answer.kvs.map(({ value }) => atob(value))).toEqual(['v'])
  })

  it('nothing else is found', async () => {
    const response = await get('/nope')
    expect(response.status).toBe(404)
    expect(await response.text()).toBe('404 page not found\n')
  })

  it('/metrics has the names of etcd, of what happened as well', async () => {
    const text = await (await get('/metrics')).text()
    const values = new Map(
      text
        .split('\n')
        .filter((line) => line !== '' && !line.startsWith('#'))
        .map((line) => line.split(' ') as [string, string]),
    )
    for (const name of EXPECTED_METRICS) expect([...values.keys()], name).toContain(name)
    expect(values.get('etcd_server_has_leader')).toBe('1')
    expect(values.get('etcd_server_version{server_version="3.6.0"}')).toBe('1')
    expect(values.get('etcd_cluster_version{cluster_version="3.6"}')).toBe('1')
    expect(Number(values.get('etcd_server_health_success'))).toBeGreaterThan(0)
  })

  it('metrics and health have a port of their own, without the rest', async () => {
    const [url] = test1.etcd.metricsUrls
    expect((await fetch(`${url}/metrics`)).status).toBe(200)
    expect((await fetch(`${url}/health`)).status).toBe(200)
    expect((await fetch(`${url}/v3/kv/range`, { method: 'POST', body: '{}' })).status).toBe(404)
  })
})

describe('who may call from a browser', () => {
  test.each([
    ['http://friend.example', 'http://friend.example'],
    ['http://foe.example', null],
  ])('a page of %s', async (origin, allowed) => {
    const response = await get('/version', { headers: { Origin: origin } })
    expect(response.headers.get('access-control-allow-origin')).toBe(allowed)
  })

  it('a host name of its own is no way in', async () => {
    const { port } = new URL(test1.url)
    const status = await new Promise((resolve) =>
      http.get({ port, host: '127.0.0.1', path: '/version', headers: { Host: 'evil' } }, (answer) =>
        resolve(answer.resume().statusCode),
      ),
    )
    expect(status).toBe(421)
  })
})

const EXPECTED_METRICS = [
  'etcd_server_has_leader',
  'etcd_server_is_leader',
  'etcd_server_leader_changes_seen_total',
  'etcd_server_proposals_committed_total',
  'etcd_server_proposals_applied_total',
  'etcd_server_proposals_pending',
  'etcd_server_proposals_failed_total',
  'etcd_server_quota_backend_bytes',
  'etcd_disk_wal_fsync_duration_seconds_count',
  'etcd_disk_backend_commit_duration_seconds_bucket{le="0.001"}',
  'etcd_mvcc_db_total_size_in_bytes',
  'etcd_mvcc_db_total_size_in_use_in_bytes',
  'etcd_debugging_mvcc_keys_total',
  'etcd_network_client_grpc_received_bytes_total',
  'etcd_network_client_grpc_sent_bytes_total',
  'process_resident_memory_bytes',
  'process_open_fds',
]
