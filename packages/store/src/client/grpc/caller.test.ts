import { status } from '@grpc/grpc-js'
import { describe, expect, it } from 'vitest'
import { HeldClock } from '../../clock.fixture.js'
import { systemClock } from '../../server/system-clock.js'
import { bytes } from '../store-fixture.js'
import { connectStore, type GrpcStore } from './connect-store.js'
import { FakeEtcd, Refusal } from './fake-etcd.fixture.js'

const UNAVAILABLE = () => {
  throw new Refusal(status.UNAVAILABLE, 'etcdserver: leader changed')
}
/** Nobody listens there: port 1 is no one's. */
const NOBODY = 'http://127.0.0.1:1'

const connect = (...endpoints: string[]): GrpcStore =>
  connectStore({ endpoints, clock: systemClock, limits: { requestTimeoutMs: 1000 } })

describe('requests over several endpoints', () => {
  it('[N1] a read that one member can’t serve is put to the next', async () => {
    await using sick = await FakeEtcd.start({ range: UNAVAILABLE })
    await using well = await FakeEtcd.start({ range: () => ({ header: { revision: 7 } }) })
    await using store = connect(sick.url, well.url)
    expect((await store.client.range({ key: 'a' })).header.revision).toBe(7)
  })

  it('[N1] a write that may have been done is not repeated', async () => {
    const puts: string[] = []
    const put = (name: string, refuse: boolean) => () => {
      puts.push(name)
      if (refuse) UNAVAILABLE()
      return { header: { revision: 7 } }
    }
    await using sick = await FakeEtcd.start({ put: put('sick', true) })
    await using well = await FakeEtcd.start({ put: put('well', false) })
    await using store = connect(sick.url, well.url)
    await expect(store.client.put('a', bytes('1'))).rejects.toMatchObject({
      code: 'LeaderChanged',
      message: 'etcdserver: leader changed',
    })
    expect(puts).toEqual(['sick'])
    // But the next one goes elsewhere.
    await store.client.put('a', bytes('1'))
    expect(puts).toEqual(['sick', 'well'])
  })

  it('[N1] a write that reached nobody is put to the next', async () => {
    await using well = await FakeEtcd.start({ put: () => ({ header: { revision: 7 } }) })
    await using store = connect(NOBODY, well.url)
    expect((await store.client.put('a', bytes('1'))).header.revision).toBe(7)
  })

  it('[N2] says whom it could not reach when its time is up', async () => {
    await using store = connect(NOBODY)
    await expect(store.client.range({ key: 'a' })).rejects.toMatchObject({
      code: 'Unavailable',
      message: expect.stringContaining('ECONNREFUSED'),
    })
  })

  it('[N2] a member that never answers is waited for so long, and no longer', async () => {
    let asked = (): void => {}
    const wasAsked = new Promise<void>((resolve) => {
      asked = resolve
    })
    const silence = () => {
      asked()
      return new Promise<never>(() => {})
    }
    await using silent = await FakeEtcd.start({ put: silence })
    const clock = new HeldClock()
    const limits = { requestTimeoutMs: 5000 }
    await using store = connectStore({ endpoints: [silent.url], clock, limits })
    const put = store.client.put('a', bytes('1'))
    const refused = expect(put).rejects.toMatchObject({
      code: 'DeadlineExceeded',
      message: `no answer from ${silent.url} in time`,
    })
    await wasAsked
    expect(clock.pendingTimers).toBe(1)
    clock.advance(5000)
    await refused
    expect(clock.pendingTimers).toBe(0)
  })

  it('[N2] a read does not spend all its time on a silent member', async () => {
    await using silent = await FakeEtcd.start({ range: () => new Promise<never>(() => {}) })
    await using well = await FakeEtcd.start({ range: () => ({ header: { revision: 7 } }) })
    await using store = connect(silent.url, well.url)
    expect((await store.client.range({ key: 'a' })).header.revision).toBe(7)
  })

  it('requests under way reject when the store is closed', async () => {
    await using silent = await FakeEtcd.start({ range: () => new Promise<never>(() => {}) })
    const store = connect(silent.url)
    const asked = expect(store.client.range({ key: 'a' })).rejects.toMatchObject({ code: 'Closed' })
    await new Promise((resolve) => systemClock.setTimer(50, () => resolve(undefined)))
    await store.close()
    await asked
    await expect(store.client.range({ key: 'a' })).rejects.toMatchObject({ code: 'Closed' })
  })

  it.each(['localhost', 'http://', 'ftp://a:1', 'http://a:1/path'])(
    '%s is no endpoint',
    (endpoint) => {
      expect(() => connect(endpoint)).toThrow(TypeError)
    },
  )
})

describe('a user', () => {
  const auth = { user: 'root', password: 'secret' }
  const connectAs = (url: string) => connectStore({ endpoints: [url], clock: systemClock, auth })

  it('[N8] fetches a token for its requests, and another one when that has expired', async () => {
    let issued = 0
    const used: string[] = []
    await using etcd = await FakeEtcd.start({
      authenticate: ({ name, password }) => ({ token: `${name}/${password}/${++issued}` }),
      range: (_request, metadata) => {
        const token = String(metadata.get('token')[0])
        used.push(token)
        if (!token.endsWith(String(issued)) || issued < 2) {
          throw new Refusal(status.UNAUTHENTICATED, 'etcdserver: invalid auth token')
        }
        return { header: { revision: 1 } }
      },
    })
    await using store = connectAs(etcd.url)
    await store.client.range({ key: 'a' })
    await store.client.range({ key: 'a' })
    expect(used).toEqual(['root/secret/1', 'root/secret/2', 'root/secret/2'])
  })

  it('[N8] is told when the password is wrong, and when its token is refused for good', async () => {
    await using wrong = await FakeEtcd.start({
      authenticate: () => {
        const words = 'etcdserver: authentication failed, invalid user ID or password'
        throw new Refusal(status.INVALID_ARGUMENT, words)
      },
      range: () => ({}),
    })
    await using store = connectAs(wrong.url)
    await expect(store.client.range({ key: 'a' })).rejects.toMatchObject({ code: 'AuthFailed' })
    let asked = 0
    await using never = await FakeEtcd.start({
      authenticate: () => ({ token: 'x' }),
      range: () => {
        asked++
        throw new Refusal(status.UNAUTHENTICATED, 'etcdserver: invalid auth token')
      },
    })
    await using other = connectAs(never.url)
    await expect(other.client.range({ key: 'a' })).rejects.toMatchObject({
      code: 'InvalidAuthToken',
    })
    expect(asked).toBe(3)
  })

  it('needs no token where nobody asks for one', async () => {
    await using etcd = await FakeEtcd.start({
      authenticate: () => {
        throw new Refusal(status.FAILED_PRECONDITION, 'etcdserver: authentication is not enabled')
      },
      range: () => ({ header: { revision: 5 } }),
    })
    await using store = connectAs(etcd.url)
    expect((await store.client.range({ key: 'a' })).header.revision).toBe(5)
  })
})
