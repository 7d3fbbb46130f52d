import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, test } from 'vitest'
import type { WatchBatch } from '../client/store-client.js'
import { HeldClock } from '../clock.fixture.js'
import { openNodeDisk } from '../disk/node-disk.js'
import { noPeers } from '../peer/no-peers.js'
import type { Caller } from '../rpc/etcd-server.js'
import { withoutSync } from '../server/disk/unsynced-disk.js'
import { SeededRandom } from '../simulation/seeded-random.js'
import type { Permission } from '../wire/auth.js'
import { type Member, openMember } from './member.js'

const founder = {
  id: 1n,
  name: 'alone',
  peerUrls: ['http://alone'],
  clientUrls: [],
  isLearner: false,
}

const TOKEN_TTL_MS = 300_000
const nobody: Caller = {}
const value = Buffer.from('v')

let clock: HeldClock
let folder: string
let member: Member
/** Callers with a token each. */
let root: Caller
let alice: Caller

beforeEach(async () => {
  clock = new HeldClock()
  folder = mkdtempSync(join(tmpdir(), 'member-auth-'))
  await open()
  await addUser('root', 'root')
  await addUser('alice')
  await allow('alice', { permType: 'readwrite', key: 'a', rangeEnd: 'b' })
  await member.server.auth.enable(nobody)
  root = await login('root')
  alice = await login('alice')
})
afterEach(async () => {
  await member.close()
  rmSync(folder, { recursive: true })
})

async function open(): Promise<void> {
  member = await openMember({
    name: 'alone',
    clientUrls: [],
    bootstrap: async () => ({
      memberId: 1n,
      clusterId: 1n,
      members: [founder],
      isNewCluster: true,
    }),
    openTransport: () => noPeers,
    clock,
    random: new SeededRandom(1),
    disk: withoutSync(openNodeDisk(folder)),
    walSegmentBytes: 1024 * 1024,
    snapshotEntries: 30,
    bcryptCost: 4,
  })
}

async function addUser(name: string, ...roles: string[]): Promise<void> {
  const { auth } = member.server
  const user = { name, password: `${name}'s`, hashedPassword: '', noPassword: false }
  await auth.userAdd(user, nobody)
  for (const role of roles) await auth.userGrantRole(name, role, nobody)
}

/** By a role of the user's own. */
async function allow(name: string, permission: Permission): Promise<void> {
  const { auth } = member.server
  await auth.roleAdd(`${name}-role`, nobody)
  await auth.roleGrantPermission(`${name}-role`, permission, nobody)
  await auth.userGrantRole(name, `${name}-role`, nobody)
}

async function login(name: string): Promise<Caller> {
  const { token } = await member.server.auth.authenticate(name, `${name}'s`, nobody)
  return { token }
}

const refused = (code: string) => ({ code })
const denied = refused('PermissionDenied')

describe('keys', () => {
  it('are for whom they were granted, and for root', async () => {
    const { server } = member
    await server.put({ key: 'a', value }, alice)
    await server.put({ key: 'x', value }, root)
    expect((await server.range({ key: 'a' }, alice)).count).toBe(1)
    await expect(server.put({ key: 'x', value }, alice)).rejects.toMatchObject(denied)
    await expect(server.range({ key: 'x' }, alice)).rejects.toMatchObject(denied)
    await expect(server.range({ key: 'a', rangeEnd: '\0' }, alice)).rejects.toMatchObject(denied)
    await expect(server.deleteRange({ key: 'x' }, alice)).rejects.toMatchObject(denied)
    const txn = { failure: [{ type: 'deleteRange', key: 'x' }] } as const
    await expect(server.txn(txn, alice)).rejects.toMatchObject(denied)
    const read = { success: [{ type: 'range', key: 'x', serializable: true }] } as const
    await expect(server.txn(read, alice)).rejects.toMatchObject(denied)
    expect((await server.range({ key: 'x' }, root)).count).toBe(1)
  })

  it('are nobody’s without a token', async () => {
    const { server } = member
    const empty = refused('UserEmpty')
    await expect(server.range({ key: 'a' }, nobody)).rejects.toMatchObject(empty)
    await expect(server.put({ key: 'a', value }, nobody)).rejects.toMatchObject(empty)
    expect(() => server.subscribe({ key: 'a' }, { onBatch() {} } as never, {}, nobody)).toThrow(
      'etcdserver: user name is empty',
    )
  })

  it('a request that was admitted before the permissions changed is refused when it is applied', async () => {
    const { server } = member
    const change = server.auth.roleAdd('new', root)
    const put = server.put({ key: 'a', value }, alice)
    const [, late] = await Promise.allSettled([change, put])
    expect(late).toMatchObject({ reason: { code: 'AuthOldRevision' } })
    expect((await server.range({ key: 'a' }, alice)).count).toBe(0)
  })
})

describe('leases', () => {
  it('are for whoever may write all their keys', async () => {
    const { server } = member
    const grant = async (id: bigint) => server.leaseGrant({ ttlSeconds: 100, id }, alice)
    await grant(7n)
    await server.put({ key: 'x', value, lease: 7n }, root)
    await expect(server.put({ key: 'a', value, lease: 7n }, alice)).rejects.toMatchObject(denied)
    const put = { type: 'put', key: 'a', value, lease: 7n } as const
    const nested = { success: [{ type: 'txn', success: [put] } as const] }
    await expect(server.txn(nested, alice)).rejects.toMatchObject(denied)
    await expect(server.leaseRevoke(7n, alice)).rejects.toMatchObject(denied)
    await expect(server.leaseRevoke(7n, nobody)).rejects.toMatchObject(refused('UserEmpty'))
    await expect(server.leaseTimeToLive(7n, { keys: true }, alice)).rejects.toMatchObject(denied)
    await expect(server.leaseLeases(alice)).rejects.toMatchObject(denied)
    expect(await server.leaseTimeToLive(7n, {}, alice)).toMatchObject({ grantedTtlSeconds: 100 })
    expect((await server.leaseLeases(root)).leases).toEqual([7n])
    await grant(8n)
    await server.put({ key: 'a', value, lease: 8n }, alice)
    await server.leaseRevoke(8n, alice)
    expect((await server.range({ key: 'a' }, alice)).count).toBe(0)
  })

  it('end by themselves, whoever owns the keys', async () => {
    const { server } = member
    await server.leaseGrant({ ttlSeconds: 5, id: 7n }, root)
    await server.put({ key: 'x', value, lease: 7n }, root)
    clock.advance(20_000)
    await expect
      .poll(async () => (await server.range({ key: 'x', serializable: true }, root)).count)
      .toBe(0)
  })
})

describe('tokens', () => {
  it('that nobody gave are refused', async () => {
    const bad: Caller = { token: 'guessed.1', commonName: 'root' }
    const invalid = refused('InvalidAuthToken')
    const { server } = member
    await expect(server.range({ key: 'a' }, bad)).rejects.toMatchObject(invalid)
    await expect(server.put({ key: 'a', value }, bad)).rejects.toMatchObject(invalid)
    await expect(server.auth.userList(bad)).rejects.toMatchObject(invalid)
    await expect(server.leaseGrant({ ttlSeconds: 9 }, bad)).rejects.toMatchObject(invalid)
    await expect(server.compact(1, {}, bad)).rejects.toMatchObject(invalid)
  })

  it('run out when they are not used', async () => {
    const read = () => member.server.range({ key: 'a' }, alice)
    clock.advance(TOKEN_TTL_MS - 1000)
    await read()
    clock.advance(TOKEN_TTL_MS - 1000)
    await read()
    clock.advance(TOKEN_TTL_MS)
    await expect(read()).rejects.toMatchObject(refused('InvalidAuthToken'))
  })

  it('end with the password they were given for, with their user, and with authentication', async () => {
    const { server } = member
    const invalid = refused('InvalidAuthToken')
    const read = (caller: Caller) => server.range({ key: 'a' }, caller)
    const changed = { password: "alice's", hashedPassword: '' }
    await server.auth.userChangePassword('alice', changed, root)
    await expect(read(alice)).rejects.toMatchObject(invalid)
    const again = await login('alice')
    await read(again)
    await server.auth.userDelete('alice', root)
    await expect(read(again)).rejects.toMatchObject(invalid)
    await server.auth.disable(root)
    await read(alice)
    await server.auth.enable(nobody)
    await expect(read(root)).rejects.toMatchObject(invalid)
  })

  it('are not for whoever has the wrong password, or none', async () => {
    const { auth } = member.server
    const failed = refused('AuthFailed')
    await expect(auth.authenticate('alice', 'wrong', nobody)).rejects.toMatchObject(failed)
    await expect(auth.authenticate('stranger', 'x', nobody)).rejects.toMatchObject(failed)
    await auth.disable(root)
    await expect(auth.authenticate('alice', "alice's", nobody)).rejects.toMatchObject(
      refused('AuthNotEnabled'),
    )
  })

  it('a password that is changed while the old one is checked is of no use', async () => {
    const { auth } = member.server
    const login = auth.authenticate('alice', "alice's", nobody)
    const changed = { password: 'new', hashedPassword: '$2b$04$nobody.knows' }
    const change = auth.userChangePassword('alice', changed, root)
    const [token] = await Promise.allSettled([login, change])
    if (token.status === 'fulfilled') {
      await expect(
        member.server.range({ key: 'a' }, { token: token.value.token }),
      ).rejects.toMatchObject(refused('InvalidAuthToken'))
    } else expect(token.reason).toMatchObject(refused('AuthFailed'))
  })
})

describe('a certificate’s common name', () => {
  it('is the user; a token is the stronger word', async () => {
    const { server } = member
    const byName = { commonName: 'alice' }
    await server.put({ key: 'a', value }, byName)
    await expect(server.put({ key: 'x', value }, byName)).rejects.toMatchObject(denied)
    await server.put({ key: 'x', value }, { ...byName, ...root })
    const stranger = { commonName: 'stranger' }
    await expect(server.range({ key: 'a' }, stranger)).rejects.toMatchObject(denied)
    await expect(server.range({ key: 'a' }, { commonName: '' })).rejects.toMatchObject(
      refused('UserEmpty'),
    )
  })
})

describe('what only root may', () => {
  const requests: [string, (caller: Caller) => unknown][] = [
    ['list users', (caller) => member.server.auth.userList(caller)],
    ['list roles', (caller) => member.server.auth.roleList(caller)],
    ['look at others', (caller) => member.server.auth.userGet('root', caller)],
    ['look at their roles', (caller) => member.server.auth.roleGet('root', caller)],
    ['see the state', (caller) => member.server.auth.status(caller)],
    ['enable', (caller) => member.server.auth.enable(caller)],
    ['disable', (caller) => member.server.auth.disable(caller)],
    ['delete users', (caller) => member.server.auth.userDelete('alice', caller)],
    ['grant', (caller) => member.server.auth.userGrantRole('alice', 'root', caller)],
    ['revoke', (caller) => member.server.auth.userRevokeRole('alice', 'alice-role', caller)],
    ['add roles', (caller) => member.server.auth.roleAdd('x', caller)],
    ['delete roles', (caller) => member.server.auth.roleDelete('alice-role', caller)],
    ['take rights', (c) => member.server.auth.roleRevokePermission('alice-role', { key: 'a' }, c)],
    ['give rights', (c) => member.server.auth.roleGrantPermission('alice-role', undefined, c)],
    ['defragment', (caller) => member.server.maintenance.defragment(caller)],
    ['save a snapshot', (caller) => member.server.maintenance.snapshot(caller)],
    ['ask for the status', (caller) => member.server.maintenance.status(caller)],
    ['hash', (caller) => member.server.maintenance.hash(caller)],
    ['hash keys', (caller) => member.server.maintenance.hashKv(0, caller)],
    ['move the leader', (caller) => member.server.maintenance.moveLeader(9n, caller)],
    ['downgrade', (caller) => member.server.maintenance.downgrade('validate', '3.5.0', caller)],
    [
      'disarm',
      (caller) =>
        member.server.maintenance.alarm(
          { action: 'deactivate', memberId: 1n, alarm: 'nospace' },
          caller,
        ),
    ],
    ['add members', (caller) => member.server.cluster.memberAdd(['http://b'], false, caller)],
    ['remove members', (caller) => member.server.cluster.memberRemove(9n, caller)],
    ['update members', (caller) => member.server.cluster.memberUpdate(9n, ['http://b'], caller)],
    ['promote members', (caller) => member.server.cluster.memberPromote(9n, caller)],
  ]

  test.each(requests)('%s', async (_, request) => {
    const before = member.server.header()
    await expect(async () => request(alice)).rejects.toMatchObject(denied)
    await expect(async () => request(nobody)).rejects.toMatchObject(refused('UserEmpty'))
    expect(member.server.header()).toEqual(before)
  })

  it('everybody may look at themselves, at alarms and at the members', async () => {
    const { auth, maintenance, cluster } = member.server
    expect((await auth.userGet('alice', alice)).roles).toEqual(['alice-role'])
    expect((await auth.roleGet('alice-role', alice)).permissions).toHaveLength(1)
    const look = { action: 'get', memberId: 0n, alarm: 'none' } as const
    expect((await maintenance.alarm(look, nobody)).alarms).toEqual([])
    expect((await cluster.memberList(true, nobody)).members).toHaveLength(1)
  })
})

describe('watches', () => {
  it('need the right to read when they begin, and go on when it is taken, as in etcd', async () => {
    const { server } = member
    const seen: string[] = []
    const observer = {
      onBatch: ({ events }: WatchBatch) => seen.push(...events.map(({ kv }) => kv.key)),
      onEnd() {},
    }
    const watch = (key: string) => server.subscribe({ key }, observer as never, {}, alice)
    expect(() => watch('x')).toThrow('etcdserver: permission denied')
    const subscription = watch('a')
    await server.auth.userRevokeRole('alice', 'alice-role', root)
    expect(() => watch('a')).toThrow('etcdserver: permission denied')
    await server.put({ key: 'a', value }, root)
    await expect.poll(() => seen).toEqual(['a'])
    subscription.cancel()
  })
})

describe('a restart', () => {
  it('keeps users, roles and rights, but no token', async () => {
    const { token } = await login('alice')
    const before = await member.server.auth.status(root)
    await member.close()
    // As long as tokens live: what is applied again must not begin a second life.
    clock.advance(TOKEN_TTL_MS)
    await open()
    const { server } = member
    await expect(server.range({ key: 'a' }, { token })).rejects.toMatchObject(
      refused('InvalidAuthToken'),
    )
    const again = await login('alice')
    await server.put({ key: 'a', value }, again)
    await expect(server.put({ key: 'x', value }, again)).rejects.toMatchObject(denied)
    root = await login('root')
    const { isEnabled, authRevision } = await server.auth.status(root)
    expect({ isEnabled, authRevision }).toEqual({
      isEnabled: true,
      authRevision: before.authRevision,
    })
  })

  it('also from a snapshot', async () => {
    for (let i = 0; i < 100; i++) await member.server.put({ key: 'x', value }, root)
    await member.server.maintenance.defragment(root)
    await member.close()
    await open()
    const again = await login('alice')
    await member.server.put({ key: 'a', value }, again)
    await expect(member.server.put({ key: 'x', value }, again)).rejects.toMatchObject(denied)
  })
})
