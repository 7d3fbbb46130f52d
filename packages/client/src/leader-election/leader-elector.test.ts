import { conflict, type KubeObject, ManualClock, notFound } from '@miniplane/api'
import { describe, expect, it } from 'vitest'
import { Client } from '../client.js'
import type { Transport } from '../transport/transport.js'
import { LeaderElector } from './leader-elector.js'

/** One Lease behind optimistic locking; `isUp` false makes every request fail. */
function leaseServer() {
  const server = { lease: undefined as KubeObject | undefined, revision: 0, isUp: true }
  const transport: Transport = {
    async request({ method, body }) {
      if (!server.isUp) throw new Error('connection refused')
      if (method !== 'GET') store(body as KubeObject, method)
      if (server.lease === undefined) throw notFound({ group: '', resource: 'leases' }, 'lock')
      return { status: 200, headers: {}, object: server.lease, text: () => '' }
    },
    watch: () => Promise.reject(new Error('not watched here')),
    close() {},
  }
  const store = (object: KubeObject, method: string) => {
    const { resourceVersion } = object.metadata
    const isStale = server.lease && resourceVersion !== server.lease.metadata.resourceVersion
    if (isStale || (method === 'POST' && server.lease)) {
      throw conflict({ group: '', resource: 'leases' }, 'lock', 'changed meanwhile')
    }
    const metadata = { ...object.metadata, resourceVersion: String(++server.revision) }
    server.lease = { ...object, metadata }
  }
  return { server, client: new Client(transport) }
}

const tick = () => new Promise<void>((resolve) => setImmediate(resolve))

async function advance(clock: ManualClock, byMs: number): Promise<void> {
  for (let passed = 0; passed < byMs; passed += 1000) {
    clock.advance(1000)
    await tick()
    await tick()
  }
}

function candidate(identity: string, client: Client, clock: ManualClock) {
  const elector = new LeaderElector({
    client,
    clock,
    namespace: 'kube-system',
    name: 'lock',
    identity,
  })
  const stop = new AbortController()
  const state = { leads: false, ended: undefined as unknown }
  const running = elector
    .run((signal) => {
      state.leads = true
      return new Promise<void>((resolve) => {
        signal.addEventListener('abort', () => {
          state.leads = false
          resolve()
        })
      })
    }, stop.signal)
    .catch((error: unknown) => {
      state.ended = error
    })
  return { state, stop: () => stop.abort(new Error('stopped')), running }
}

describe('LeaderElector', () => {
  it('lets one candidate lead, and another as soon as the first gives the Lease back', async () => {
    const { client, server } = leaseServer()
    const clock = new ManualClock()
    const first = candidate('first', client, clock)
    await tick()
    const second = candidate('second', client, clock)
    await advance(clock, 60_000)
    expect([first.state.leads, second.state.leads]).toEqual([true, false])
    first.stop()
    await first.running
    await advance(clock, 4_000)
    expect([first.state.leads, second.state.leads]).toEqual([false, true])
    expect(server.lease?.spec).toMatchObject({ holderIdentity: 'second', leaseTransitions: 1 })
    second.stop()
    await second.running
  })

  it('takes over from a leader that went silent, but not before its lease has run out', async () => {
    const { client, server } = leaseServer()
    const clock = new ManualClock()
    server.lease = {
      kind: 'Lease',
      metadata: { name: 'lock', resourceVersion: '7' },
      spec: { holderIdentity: 'gone', leaseDurationSeconds: 15, leaseTransitions: 3 },
    }
    const heir = candidate('heir', client, clock)
    await tick()
    await advance(clock, 14_000)
    expect(heir.state.leads).toBe(false)
    await advance(clock, 4_000)
    expect(heir.state.leads).toBe(true)
    expect(server.lease.spec).toMatchObject({ holderIdentity: 'heir', leaseTransitions: 4 })
    heir.stop()
    await heir.running
  })

  it('stops leading when it could not renew in time, before anybody else may lead', async () => {
    const { client, server } = leaseServer()
    const clock = new ManualClock()
    const leader = candidate('leader', client, clock)
    await tick()
    await advance(clock, 5_000)
    expect(leader.state.leads).toBe(true)
    server.isUp = false
    await advance(clock, 14_000)
    expect(leader.state.leads).toBe(false)
    await leader.running
    expect(String(leader.state.ended)).toMatch(/leader election lost/)
  })
})
