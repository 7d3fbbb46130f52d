import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { hashDatabase } from '../backend/hash.js'
import { hashKv } from '../backend/kv-hash.js'
import { readState } from '../backend/read-state.js'
import type { StateView } from '../backend/state.js'
import { writeBackup } from '../backend/write-state.js'
import { readDatabase } from '../bbolt/read-database.js'
import { prefixRange } from '../client/key-range.js'
import { HeldClock } from '../clock.fixture.js'
import { eventLoopTurn } from '../clock.js'
import { etcdPath, RealEtcd } from '../judges/real-etcd.fixture.js'
import { silentLedger } from '../ledger.js'
import { defaultLimits } from '../limits.js'
import { silentLog } from '../log.js'
import type { Mvcc } from '../mvcc/mvcc.js'
import { StateMachine } from '../node/state-machine.js'
import { statusOf } from './database-status.js'
import { restoreSnapshot } from './restore.js'

const path = etcdPath()
const base64 = (text: string | Uint8Array): string => Buffer.from(text).toString('base64')
const hashOf = async (mvcc: Mvcc): Promise<number> => (await hashKv(mvcc, 0, eventLoopTurn)).hash

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'backup-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

async function etcdctl(...args: readonly string[]): Promise<string> {
  const env = { ...process.env, ETCDCTL_API: '3' }
  return (await promisify(execFile)('etcdctl', [...args], { env })).stdout
}

const hashOnReal = async (etcd: RealEtcd): Promise<number | undefined> =>
  ((await etcd.ctl('endpoint', 'hashkv')) as { HashKV: { hash: number } }[])[0]?.HashKV.hash

describe.skipIf(path === undefined)('a snapshot of ours, to a real etcd', () => {
  const machine = new StateMachine({
    clock: new HeldClock(),
    ledger: silentLedger,
    limits: defaultLimits,
    yieldTurn: eventLoopTurn,
    onLeaseExpired: () => {},
  })
  let snapshot: string
  let view: StateView

  beforeAll(async () => {
    machine.leaseGrant(7n, 1000)
    machine.leaseGrant(0x7000_0000_0000_0001n, 5000)
    for (let n = 0; n < 3000; n++) machine.put({ key: `key/${n % 1000}`, value: new Uint8Array(n) })
    machine.put({ key: 'leased', value: Buffer.from('x'), lease: 7n })
    machine.put({ key: 'bytes\xff\0', value: Uint8Array.from([0, 255]) })
    machine.deleteRange(prefixRange('key/5'))
    await machine.compact(2900)
    view = {
      ...machine.view(),
      auth: {
        isEnabled: false,
        revision: 5,
        users: [
          {
            name: 'alice',
            password: '$2a$10$abc',
            roles: ['reader'],
            options: { noPassword: false },
          },
        ],
        roles: [
          {
            name: 'reader',
            keyPermission: [{ permType: 'read', key: 'key/', rangeEnd: 'key0' }],
          },
        ],
      },
      members: [
        {
          id: 0xcafe_0000_0000_0001n,
          name: 'old',
          peerUrls: ['http://10.0.0.1:2380'],
          clientUrls: ['http://10.0.0.1:2379'],
          isLearner: false,
        },
      ],
      removedMemberIds: [17n],
      clusterVersion: '3.6.0',
      downgrade: undefined,
      appliedIndex: 12345,
      appliedTerm: 6,
      confState: {
        voters: [0xcafe_0000_0000_0001n],
        learners: [],
        votersOutgoing: [],
        learnersNext: [],
        autoLeave: false,
      },
    }
    snapshot = join(folder, 'ours.db')
    const chunks: Uint8Array[] = []
    for await (const chunk of (await writeBackup(view)).chunks) chunks.push(chunk)
    await writeFile(snapshot, chunks)
  })

  it('has the status that etcdctl reads', async () => {
    const { version: _, ...status } = statusOf(readDatabase(await readFile(snapshot)))
    expect(JSON.parse(await etcdctl('snapshot', 'status', snapshot, '-w', 'json'))).toEqual(status)
    expect(status.revision).toBe(machine.mvcc.revision)
  })

  it('is restored by etcdctl, and an etcd runs on it with everything there', async () => {
    const dataDir = join(folder, 'real')
    await etcdctl('snapshot', 'restore', snapshot, '--data-dir', dataDir)
    await using etcd = await RealEtcd.start(path ?? '', [`--data-dir=${dataDir}`])
    expect(await hashOnReal(etcd)).toBe(await hashOf(machine.mvcc))
    const { kvs } = await etcd.call('kv/range', {
      key: base64(Buffer.from('bytes\xff\0', 'latin1')),
    })
    expect(kvs).toMatchObject([{ value: base64(Uint8Array.from([0, 255])), version: '1' }])
    const ttl = await etcd.call('lease/timetolive', { ID: '7', keys: true })
    expect(ttl).toMatchObject({ grantedTTL: '1000', keys: [base64('leased')] })
    expect((await etcd.call('lease/leases', {})).leases).toHaveLength(2)
    expect(await etcd.call('auth/user/get', { name: 'alice' })).toMatchObject({ roles: ['reader'] })
    expect(await etcd.call('auth/role/get', { role: 'reader' })).toMatchObject({
      perm: [{ key: base64('key/'), range_end: base64('key0') }],
    })
    const revision = String(machine.mvcc.revision + 1)
    const put = await etcd.call('kv/put', { key: base64('after'), value: base64('restore') })
    expect(put).toMatchObject({ header: { revision } })
    const { members } = (await etcd.ctl('member', 'list')) as { members: { name: string }[] }
    expect(members).toMatchObject([{ name: 'default' }])
  })
})

describe.skipIf(path === undefined)('a snapshot of a real etcd, to ours', () => {
  it('has its keys, revisions, leases, users and roles', { timeout: 60_000 }, async () => {
    await using etcd = await RealEtcd.start(path ?? '')
    for (let n = 0; n < 300; n++) {
      await etcd.call('kv/put', { key: base64(`key/${n % 100}`), value: base64('v'.repeat(n)) })
    }
    await etcd.call('lease/grant', { ID: '77', TTL: '500' })
    await etcd.call('kv/put', { key: base64('leased'), value: base64('x'), lease: '77' })
    await etcd.call('kv/txn', {
      success: [
        { request_put: { key: base64('a'), value: base64('1') } },
        { request_delete_range: { key: base64('key/2'), range_end: base64('key/3') } },
      ],
    })
    await etcd.call('kv/compaction', { revision: 250, physical: true })
    await etcd.call('auth/user/add', { name: 'bob', options: { no_password: true } })
    await etcd.call('auth/role/add', { name: 'writer' })
    const perm = { permType: 'WRITE', key: base64('a'), range_end: base64('b') }
    await etcd.call('auth/role/grant', { name: 'writer', perm })
    await etcd.call('auth/user/grant', { user: 'bob', role: 'writer' })
    const expected = await hashOnReal(etcd)
    const { hash: wholeHash } = await etcd.call('maintenance/hash', {})

    const snapshot = join(folder, 'real.db')
    await etcdctl('--endpoints', etcd.url, 'snapshot', 'save', snapshot)
    const bytes = await readFile(snapshot)
    const { version: _, ...status } = statusOf(readDatabase(bytes))
    expect(JSON.parse(await etcdctl('snapshot', 'status', snapshot, '-w', 'json'))).toEqual(status)
    const saved = await readState(bytes)
    expect(saved.mvcc.compactSlice(1000)).toBe(true)
    expect(await hashDatabase(saved)).toBe(wholeHash)

    const dataDir = join(folder, 'ours')
    const name = 'm1'
    const url = 'http://127.0.0.1:2380'
    await restoreSnapshot({
      snapshotPath: snapshot,
      name,
      dataDir,
      walDir: undefined,
      initialCluster: `${name}=${url}`,
      token: 'restored',
      peerUrls: [url],
      skipHashCheck: false,
      revisionBump: 0,
      log: silentLog,
    })
    const file = join(dataDir, 'member/snap/0000000000000001-0000000000000001.db')
    const state = await readState(await readFile(file))
    expect(await hashOf(state.mvcc)).toBe(expected)
    expect(state.mvcc.compactRevision).toBe(250)
    expect(state.leases).toEqual([{ id: 77n, ttlSeconds: 500, remainingTtlSeconds: 0 }])
    expect(state.auth).toMatchObject({
      isEnabled: false,
      users: [{ name: 'bob', roles: ['writer'], options: { noPassword: true } }],
      roles: [{ name: 'writer', keyPermission: [{ permType: 'write', key: 'a', rangeEnd: 'b' }] }],
    })
    expect(state.members).toMatchObject([{ name, peerUrls: [url] }])
    expect(state).toMatchObject({ appliedIndex: 1, appliedTerm: 1, removedMemberIds: [] })
  })
})
