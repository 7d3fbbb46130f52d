import { describe, expect, it } from 'vitest'
import { HeldClock } from '../clock.fixture.js'
import { WatchResponse } from '../wire/watch.js'
import { etcdServices } from './etcd-services.js'
import { openLocalServer } from './local-server.fixture.js'
import type { BidiMethod, UnaryMethod } from './service.js'
import { FakeStream } from './watch/fake-stream.fixture.js'

function open() {
  const clock = new HeldClock()
  const server = openLocalServer(clock)
  const state = { hasLeader: true, isLearner: false }
  const leadership = {
    hasLeader: () => state.hasLeader,
    isLearner: () => state.isLearner,
    electionTimeoutMs: 1000,
  }
  const methods = etcdServices(server, { clock, leadership }).flatMap(({ methods: all }) => all)
  const find = (name: string) => methods.find((method) => method.name === name)
  return {
    clock,
    state,
    unary: (name: string) => find(name) as UnaryMethod,
    watch: find('Watch') as BidiMethod,
  }
}

const RANGE = { key: 'a', sortOrder: 'none', sortTarget: 'key' }

describe('a member without a leader', () => {
  it('refuses who asked for one, and no one else', async () => {
    const { state, unary } = open()
    state.hasLeader = false
    const range = unary('Range')
    expect(() => range.handle(RANGE, { requiresLeader: true })).toThrow('etcdserver: no leader')
    await expect(range.handle(RANGE, {})).resolves.toHaveProperty('count', 0)
  })

  it('ends streams that want one after three election timeouts', () => {
    const { clock, state, watch } = open()
    const wanting = new FakeStream(WatchResponse, { requiresLeader: true })
    const other = new FakeStream(WatchResponse)
    const receiver = watch.open(wanting as never)
    watch.open(other as never)
    clock.advance(10_000)
    state.hasLeader = false
    clock.advance(2_500)
    state.hasLeader = true
    clock.advance(1_000)
    state.hasLeader = false
    clock.advance(2_000)
    expect(wanting.ends).toEqual([])
    clock.advance(1_000)
    expect(wanting.ends[0]).toMatchObject({ code: 'NoLeader' })
    expect(other.ends).toEqual([])
    receiver.close()
    expect(clock.pendingTimers).toBe(0)
  })
})

describe('a learner', () => {
  it('answers what needs no vote', async () => {
    const { state, unary, watch } = open()
    state.isLearner = true
    const refused = 'etcdserver: rpc not supported for learner'
    expect(() => unary('Put').handle({ key: 'a' }, {})).toThrow(refused)
    expect(() => unary('Range').handle(RANGE, {})).toThrow(refused)
    expect(() => watch.open(new FakeStream(WatchResponse) as never)).toThrow(refused)
    await unary('Range').handle({ ...RANGE, serializable: true }, {})
    await unary('Status').handle({}, {})
  })
})
