import { describe, expect, it } from 'vitest'
import { HeldClock } from '../../clock.fixture.js'
import { eventLoopTurn } from '../../clock.js'
import type { Caller } from '../etcd-server.js'
import { type LocalServer, openLocalServer } from '../local-server.fixture.js'
import type { Service } from '../service.js'
import { electionService } from '../services/election.js'
import { lockService } from '../services/lock.js'

const settle = async () => {
  for (let i = 0; i < 3; i++) await new Promise<void>((resolve) => eventLoopTurn(resolve))
}

/** A unary method, with the fields of its request that matter. */
function method(service: Service, name: string) {
  const found = service.methods.find((one) => one.name === name)
  if (found?.kind !== 'unary') throw new Error(`${name} is not unary`)
  return (request: object, caller: Caller = {}) =>
    found.handle(request, caller) as Promise<Record<string, never>>
}

async function open(leases: readonly bigint[] = [1n, 2n, 3n]) {
  const clock = new HeldClock()
  const server = openLocalServer(clock)
  for (const id of leases) await server.client.leaseGrant({ id, ttlSeconds: 100 })
  return { clock, server }
}

const keysOf = async (server: LocalServer) =>
  (await server.client.range({ key: '\0', rangeEnd: '\0' })).kvs.map(({ key }) => key)

describe('a lock', () => {
  it('is held by one, then by the next in the order of their asking', async () => {
    const { server } = await open()
    const lock = method(lockService(server), 'Lock')
    const unlock = method(lockService(server), 'Unlock')
    const order: string[] = []
    const first = await lock({ name: 'l', lease: 1n })
    const second = lock({ name: 'l', lease: 2n }).then(({ key }) => order.push(String(key)))
    const third = lock({ name: 'l', lease: 3n }).then(({ key }) => order.push(String(key)))
    await settle()
    expect([first.key, order]).toEqual(['l/1', []])
    await unlock({ key: 'l/1' })
    await second
    expect(order).toEqual(['l/2'])
    await unlock({ key: 'l/2' })
    await third
    expect(order).toEqual(['l/2', 'l/3'])
  })

  it('passes on when the lease of its holder ends', async () => {
    const { server } = await open()
    const lock = method(lockService(server), 'Lock')
    await lock({ name: 'l', lease: 1n })
    const second = lock({ name: 'l', lease: 2n })
    await settle()
    await server.client.leaseRevoke(1n)
    expect((await second).key).toBe('l/2')
  })

  it('is held again by who holds it', async () => {
    const { server } = await open()
    const lock = method(lockService(server), 'Lock')
    await lock({ name: 'l', lease: 1n })
    expect((await lock({ name: 'l', lease: 1n })).key).toBe('l/1')
  })

  it('grants a lease of a minute to who brings none', async () => {
    const { server } = await open([])
    const { key } = await method(lockService(server), 'Lock')({ name: 'l', lease: 0n })
    const { leases } = await server.client.leaseLeases()
    expect(leases).toHaveLength(1)
    expect(key).toBe(`l/${leases[0]?.toString(16)}`)
    expect(await server.client.leaseTimeToLive(leases[0] ?? 0n)).toMatchObject({
      grantedTtlSeconds: 60,
    })
  })

  it('is not waited for by who has gone, and not got by who lost its lease', async () => {
    const { server } = await open()
    const lock = method(lockService(server), 'Lock')
    const gone = new AbortController()
    await lock({ name: 'l', lease: 1n })
    const second = lock({ name: 'l', lease: 2n }, { signal: gone.signal })
    const third = lock({ name: 'l', lease: 3n })
    await settle()
    gone.abort()
    await expect(second).rejects.toThrow('abort')
    expect(await keysOf(server)).toEqual(['l/1', 'l/3'])
    await server.client.leaseRevoke(3n)
    await server.client.deleteRange({ key: 'l/1' })
    await expect(third).rejects.toThrow('mutex: session is expired')
  })

  it('needs a lease that there is, and says so as etcd does: without a code', async () => {
    const { server } = await open([])
    const locked = method(lockService(server), 'Lock')({ name: 'l', lease: 9n })
    await expect(locked).rejects.toMatchObject({
      code: 'Unknown',
      message: 'etcdserver: requested lease not found',
    })
  })
})

describe('an election', () => {
  it('is won by the first, who proclaims and resigns', async () => {
    const { server } = await open()
    const service = electionService(server)
    const value = (text: string) => Buffer.from(text)
    const { leader } = await method(
      service,
      'Campaign',
    )({ name: 'e', lease: 1n, value: value('a') })
    expect(leader).toEqual({ name: 'e', key: 'e/1', rev: 2, lease: 1n })
    const second = method(service, 'Campaign')({ name: 'e', lease: 2n, value: value('b') })
    await settle()
    await method(service, 'Proclaim')({ leader, value: value('c') })
    const told = await method(service, 'Leader')({ name: 'e' })
    expect(told.kv).toMatchObject({ key: 'e/1', value: value('c') })
    await method(service, 'Resign')({ leader })
    expect((await second).leader).toMatchObject({ key: 'e/2', rev: 3 })
    await expect(method(service, 'Proclaim')({ leader, value: value('d') })).rejects.toThrow(
      'election: not leader',
    )
  })

  it('takes the new value of who campaigns again', async () => {
    const { server } = await open()
    const service = electionService(server)
    await method(service, 'Campaign')({ name: 'e', lease: 1n, value: Buffer.from('a') })
    await method(service, 'Campaign')({ name: 'e', lease: 1n, value: Buffer.from('b') })
    const { kv } = await method(service, 'Leader')({ name: 'e' })
    expect(kv).toMatchObject({ value: Buffer.from('b'), version: 2 })
  })

  it('is left by a candidate that has gone', async () => {
    const { server } = await open()
    const service = electionService(server)
    const gone = new AbortController()
    await method(service, 'Campaign')({ name: 'e', lease: 1n, value: Buffer.from('a') })
    const second = method(service, 'Campaign')(
      { name: 'e', lease: 2n, value: Buffer.from('b') },
      { signal: gone.signal },
    )
    await settle()
    gone.abort()
    await expect(second).rejects.toThrow('abort')
    expect(await keysOf(server)).toEqual(['e/1'])
  })

  it('is observed: every leader and everything it proclaims', async () => {
    const { server } = await open()
    const service = electionService(server)
    const observe = service.methods.find(({ name }) => name === 'Observe')
    if (observe?.kind !== 'serverStream') throw new Error('Observe is no stream')
    const hangUp = new AbortController()
    const seen: string[] = []
    const observed = (async () => {
      for await (const one of observe.handle({ name: 'e' }, { signal: hangUp.signal })) {
        const { header, kv } = one as { header: { revision: number }; kv: never }
        const { key, value } = kv as { key: string; value: Uint8Array }
        seen.push(`${header.revision} ${key}=${Buffer.from(value)}`)
      }
    })()
    await settle()
    const campaign = method(service, 'Campaign')
    const { leader } = await campaign({ name: 'e', lease: 1n, value: Buffer.from('a') })
    await settle()
    await method(service, 'Proclaim')({ leader, value: Buffer.from('b') })
    const second = campaign({ name: 'e', lease: 2n, value: Buffer.from('c') })
    await settle()
    await method(service, 'Resign')({ leader })
    await second
    await settle()
    hangUp.abort()
    await expect(observed).rejects.toThrow('abort')
    expect(seen).toEqual(['2 e/1=a', '3 e/1=b', '5 e/2=c'])
  })
})
