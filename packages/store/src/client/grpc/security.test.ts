import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { etcdPath, RealEtcd } from '../../judges/real-etcd.fixture.js'
import { systemClock } from '../../server/system-clock.js'
import { selfSigned } from '../../server/tls/self-signed.js'
import { bytes, put, record } from '../store-fixture.js'
import { connectStore } from './connect-store.js'
import type { GrpcTlsOptions } from './options.js'

const path = etcdPath() ?? ''

describe.skipIf(path === '')('TLS to a real etcd', () => {
  let folder: string
  let flags: string[]
  let pem: { cert: Buffer; key: Buffer }

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tls-'))
    const hosts = ['etcd.example']
    // One certificate is the authority, the server's and the client's.
    const files = await selfSigned({ folder, hosts, validYears: 1, clock: systemClock })
    const { cert, key } = files as { cert: string; key: string }
    pem = { cert: await readFile(cert), key: await readFile(key) }
    flags = [
      `--cert-file=${cert}`,
      `--key-file=${key}`,
      '--client-cert-auth',
      `--trusted-ca-file=${cert}`,
    ]
  })
  afterAll(() => rm(folder, { recursive: true, force: true }))

  const tryWith = async (etcd: RealEtcd, tls: GrpcTlsOptions) => {
    const limits = { requestTimeoutMs: 300 }
    await using store = connectStore({
      ...{ endpoints: [etcd.secureUrl], clock: systemClock, tls, limits },
    })
    return await put(store.client, 'a')
  }

  it('shows its certificate, and believes the server with the right name alone', async () => {
    await using etcd = await RealEtcd.start(path, flags)
    const { cert: ca, cert, key } = pem
    const serverName = 'etcd.example'
    expect(await tryWith(etcd, { ca, cert, key, serverName })).toBe(2)
    const refused = { code: 'Unavailable' }
    await expect(tryWith(etcd, { ca, cert, key })).rejects.toMatchObject(refused)
    await expect(tryWith(etcd, { cert, key, serverName })).rejects.toMatchObject(refused)
    await expect(tryWith(etcd, { ca, serverName })).rejects.toMatchObject(refused)
  })
})

describe.skipIf(path === '')('a user of a real etcd', () => {
  const startWithUsers = async () => {
    const etcd = await RealEtcd.start(path)
    for (const name of ['root', 'reader']) {
      await etcd.call('auth/user/add', { name, password: name })
      await etcd.call('auth/role/add', { name })
      await etcd.call('auth/user/grant', { user: name, role: name })
    }
    const perm = { permType: 'READ', key: Buffer.from('a').toString('base64') }
    await etcd.call('auth/role/grant', { name: 'reader', perm })
    await etcd.call('auth/enable', {})
    return etcd
  }
  const connectAs = (etcd: RealEtcd, user: string, password = user) =>
    connectStore({ endpoints: [etcd.url], clock: systemClock, auth: { user, password } })

  it('may do what its roles allow', async () => {
    await using etcd = await startWithUsers()
    await using root = connectAs(etcd, 'root')
    await using reader = connectAs(etcd, 'reader')
    await using nobody = connectStore({ endpoints: [etcd.url], clock: systemClock })
    await using stranger = connectAs(etcd, 'reader', 'wrong')
    await put(root.client, 'a', '1')
    expect((await reader.client.range({ key: 'a' })).count).toBe(1)
    const refused = { code: 'PermissionDenied', message: 'etcdserver: permission denied' }
    await expect(reader.client.put('a', bytes('2'))).rejects.toMatchObject(refused)
    await expect(reader.client.range({ key: 'b' })).rejects.toMatchObject(refused)
    await expect(nobody.client.range({ key: 'a' })).rejects.toMatchObject({ code: 'UserEmpty' })
    await expect(stranger.client.range({ key: 'a' })).rejects.toMatchObject({ code: 'AuthFailed' })

    const allowed = record(reader.client, { key: 'a' })
    const forbidden = record(reader.client, { key: 'b' })
    expect(await forbidden.ended()).toMatchObject({ reason: 'failed', error: refused })
    await put(root.client, 'a', '3')
    await allowed.first(1)
  })

  it('[N8] fetches a new token when a restart has forgotten the old one', async () => {
    await using etcd = await startWithUsers()
    await using root = connectAs(etcd, 'root')
    const watch = record(root.client, { key: 'a' })
    const first = await put(root.client, 'a', '1')
    await watch.first(1)
    await etcd.kill()
    await etcd.run()
    await put(root.client, 'a', '2')
    await watch.first(2)
    expect(watch.lines).toEqual([`${first} put a=1`, `${first + 1} put a=2`])
  })
})
