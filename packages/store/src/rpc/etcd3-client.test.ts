import { Etcd3 } from 'etcd3'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type LocalListener, listenLocally } from './local-listener.fixture.js'

/** The client library of npm, as its users use it. */
describe('etcd3', () => {
  let listener: LocalListener
  let client: Etcd3

  beforeEach(async () => {
    listener = await listenLocally()
    client = new Etcd3({ hosts: `http://${listener.address}` })
  })

  afterEach(async () => {
    client.close()
    await listener[Symbol.asyncDispose]()
  })

  it('puts, gets and deletes', async () => {
    await client.put('foo').value('bar')
    await client.put('fob').value('2')
    expect(await client.get('foo').string()).toBe('bar')
    expect(await client.get('fob').number()).toBe(2)
    expect(await client.get('nothing')).toBeNull()
    expect(await client.getAll().prefix('fo').keys()).toEqual(['fob', 'foo'])
    expect(await client.getAll().prefix('fo').sort('Mod', 'Descend').limit(1).strings()).toEqual({
      fob: '2',
    })
    const previous = await client.put('foo').value('baz').getPrevious()
    expect(String(previous?.value)).toBe('bar')
    expect((await client.delete().prefix('fo')).deleted).toBe('2')
  })

  it('compares and writes as one', async () => {
    const create = () =>
      client
        .if('key', 'Create', '==', 0)
        .then(client.put('key').value('mine'))
        .else(client.get('key'))
        .commit()
    expect((await create()).succeeded).toBe(true)
    const second = await create()
    expect(second.succeeded).toBe(false)
    expect(second.responses).toMatchObject([
      { response_range: { kvs: [{ value: Buffer.from('mine') }] } },
    ])
  })

  it('reads the past, and hears when it is gone', async () => {
    await client.put('a').value('1')
    await client.put('a').value('2')
    expect(await client.get('a').revision(2).string()).toBe('1')
    await client.kv.compact({ revision: 3 })
    await expect(client.get('a').revision(2)).rejects.toThrow(/has been compacted/)
  })

  it('watches keys and prefixes, also from the past', async () => {
    await client.put('a1').value('old')
    const watcher = await client.watch().prefix('a').startRevision('2').withPreviousKV().create()
    const seen: string[] = []
    watcher.on('put', ({ key, value }) => seen.push(`put ${key}=${value}`))
    watcher.on('delete', ({ key }, previous) => seen.push(`delete ${key}, was ${previous?.value}`))
    await client.put('a2').value('new')
    await client.delete().key('a1')
    await expect.poll(() => seen).toEqual(['put a1=old', 'put a2=new', 'delete a1, was old'])
    await watcher.cancel()
  })

  it('keeps a lease alive, and its keys go with it', async () => {
    const lease = client.lease(10)
    await lease.put('leased').value('x')
    const id = await lease.grant()
    expect((await lease.keepaliveOnce()).TTL).toBe('10')
    expect(
      (await client.leaseClient.leaseTimeToLive({ ID: id, keys: true })).keys.map(String),
    ).toEqual(['leased'])
    await lease.revoke()
    expect(await client.get('leased')).toBeNull()
  })

  it('locks', async () => {
    const held = await client.lock('l').acquire()
    await expect(client.lock('l').acquire()).rejects.toThrow(/lock/i)
    await held.release()
    await client.lock('l').do(async () => {})
  })

  it('elects', async () => {
    const election = client.election('e')
    const campaign = election.campaign('me')
    await new Promise<void>((resolve, reject) => {
      campaign.on('elected', () => resolve())
      campaign.on('error', reject)
    })
    expect(await election.leader()).toBe('me')
    await campaign.resign()
    expect(await election.leader()).toBeUndefined()
  })

  it('reports on the member', async () => {
    expect(await client.maintenance.status()).toMatchObject({ version: '3.6.0', raftTerm: '2' })
    expect((await client.cluster.memberList({})).members).toMatchObject([{ name: 'default' }])
  })
})
