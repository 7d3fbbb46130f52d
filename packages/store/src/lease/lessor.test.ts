import { describe, expect, it } from 'vitest'
import { HeldClock } from '../clock.fixture.js'
import { defaultLimits, type StoreLimits } from '../limits.js'
import { Lessor } from './lessor.js'

const MINUTE_MS = 60_000

/** A lessor, and what it reported: `expired 1`, `checkpoint 1 300`. */
function lessorOf(limits: Partial<StoreLimits> = {}) {
  const clock = new HeldClock()
  const reports: string[] = []
  const lessor = new Lessor({
    clock,
    limits: { ...defaultLimits, ...limits },
    onExpired: (id) => reports.push(`expired ${id}`),
    onCheckpoint: (id, seconds) => reports.push(`checkpoint ${id} ${seconds}`),
  })
  return { clock, lessor, reports, taken: () => reports.splice(0) }
}

describe('a lessor that is not promoted', () => {
  it('lets no lease end, and renews none', () => {
    const { clock, lessor, reports } = lessorOf()
    const lease = lessor.grant(1n, 10)
    clock.advance(1000 * MINUTE_MS)
    expect(reports).toEqual([])
    expect(clock.pendingTimers).toBe(0)
    expect(lessor.remainingSeconds(lease)).toBe(10)
    expect(() => lessor.renew(1n)).toThrow('etcdserver: not leader')
  })

  it('gives every lease all of its time when it is promoted, and somewhat more', () => {
    const { clock, lessor, taken } = lessorOf()
    lessor.grant(1n, 10)
    clock.advance(MINUTE_MS)
    lessor.promote(2)
    lessor.grant(2n, 10)
    clock.advance(10_000)
    expect(taken()).toEqual(['expired 2'])
    clock.advance(2000)
    expect(taken()).toEqual(['expired 1'])
  })
})

describe('leases that would end together under a new leader', () => {
  it('end at most 375 a second, in the order in which they would have', () => {
    const { clock, lessor, taken } = lessorOf()
    for (let id = 1n; id <= 1000n; id++) lessor.grant(id, 10)
    lessor.grant(2000n, 60)
    lessor.promote()
    const endedIn = (ms: number) => {
      clock.advance(ms)
      return taken().length
    }
    expect([endedIn(9999), endedIn(1), endedIn(1000), endedIn(1000)]).toEqual([0, 375, 375, 250])
    expect([endedIn(47_999), endedIn(1)]).toEqual([0, 1])
  })

  it('wait for no longer than they have to', () => {
    const { clock, lessor, taken } = lessorOf()
    for (let id = 1n; id <= 375n; id++) lessor.grant(id, 10)
    lessor.grant(376n, 11)
    lessor.promote()
    clock.advance(11_000)
    expect(taken()).toHaveLength(376)
  })
})

describe('a promoted lessor', () => {
  it('reports a lease once, and again when it is promoted anew', () => {
    const { clock, lessor, taken } = lessorOf()
    lessor.promote()
    lessor.grant(1n, 10)
    clock.advance(MINUTE_MS)
    expect(taken()).toEqual(['expired 1'])
    lessor.demote()
    clock.advance(MINUTE_MS)
    lessor.promote()
    clock.advance(MINUTE_MS)
    expect(taken()).toEqual(['expired 1'])
    lessor.revoke(1n)
    expect(lessor.size).toBe(0)
  })

  it('reports a bounded number in one go', () => {
    const { clock, lessor, reports } = lessorOf({ leaseExpiriesPerSlice: 2 })
    const batches: number[] = []
    const { setTimer } = clock
    clock.setTimer = (delayMs, callback) =>
      setTimer.call(clock, delayMs, () => {
        const before = reports.length
        callback()
        batches.push(reports.length - before)
      })
    lessor.promote()
    for (let id = 1n; id <= 5n; id++) lessor.grant(id, 10)
    clock.advance(10_000)
    expect(batches).toEqual([2, 2, 1])
  })

  it('orders its leases by when they end', () => {
    const { clock, lessor } = lessorOf()
    lessor.promote()
    lessor.grant(1n, 20)
    lessor.grant(2n, 10)
    clock.advance(5000)
    lessor.renew(2n)
    lessor.grant(3n, 12)
    expect(lessor.ids()).toEqual([2n, 3n, 1n])
  })

  it('holds no timer when it is demoted or closed', () => {
    const { clock, lessor } = lessorOf()
    lessor.promote()
    lessor.grant(1n, 1000)
    expect(clock.pendingTimers).toBe(1)
    lessor.demote()
    expect(clock.pendingTimers).toBe(0)
    lessor.promote()
    lessor.close()
    expect(clock.pendingTimers).toBe(0)
  })
})

describe('checkpoints', () => {
  it('tell every five minutes what is left of a long lease', () => {
    const { clock, lessor, taken } = lessorOf()
    lessor.promote()
    lessor.grant(1n, 16 * 60)
    lessor.grant(2n, 5 * 60)
    clock.advance(5 * MINUTE_MS)
    expect(taken()).toEqual(['checkpoint 1 660', 'expired 2'])
    lessor.revoke(2n)
    lessor.checkpoint(1n, 660)
    clock.advance(5 * MINUTE_MS)
    expect(taken()).toEqual(['checkpoint 1 360'])
    lessor.checkpoint(1n, 360)
    clock.advance(5 * MINUTE_MS)
    expect(taken()).toEqual(['checkpoint 1 60'])
    lessor.checkpoint(1n, 60)
    clock.advance(MINUTE_MS)
    expect(taken()).toEqual(['expired 1'])
  })

  it('are what a new leader goes on from', () => {
    const { clock, lessor, taken } = lessorOf()
    lessor.grant(1n, 1000)
    lessor.checkpoint(1n, 100)
    expect(lessor.states()).toEqual([{ id: 1n, ttlSeconds: 1000, remainingTtlSeconds: 100 }])
    lessor.promote(1)
    clock.advance(100_000)
    expect(taken()).toEqual([])
    clock.advance(1000)
    expect(taken()).toEqual(['expired 1'])
  })

  it('are taken back when the lease is kept alive', () => {
    const { clock, lessor, taken } = lessorOf()
    lessor.grant(1n, 1000)
    lessor.checkpoint(1n, 100)
    lessor.promote()
    const lease = lessor.renew(1n)
    expect(taken()).toEqual(['checkpoint 1 0'])
    lessor.checkpoint(1n, 0)
    lessor.renew(1n)
    expect(taken()).toEqual([])
    expect(lessor.remainingSeconds(lease)).toBe(1000)
    clock.advance(999_000)
    expect(taken()).toEqual(['checkpoint 1 700', 'checkpoint 1 400', 'checkpoint 1 100'])
  })

  it('are not needed for a lease that is kept alive all the time', () => {
    const { clock, lessor, reports } = lessorOf()
    lessor.promote()
    lessor.grant(1n, 1000)
    for (let n = 0; n < 100; n++) {
      clock.advance(MINUTE_MS)
      lessor.renew(1n)
    }
    expect(reports.every((report) => report === 'checkpoint 1 940')).toBe(true)
  })

  it('of what is gone mean nothing', () => {
    const { lessor } = lessorOf()
    lessor.checkpoint(404n, 10)
    expect(lessor.size).toBe(0)
  })
})

it('takes over other leases in place of its own', () => {
  const { clock, lessor, taken } = lessorOf()
  lessor.promote()
  lessor.grant(1n, 10)
  lessor.demote()
  lessor.restore([
    { id: 3n, ttlSeconds: 30, remainingTtlSeconds: 0 },
    { id: 2n, ttlSeconds: 20, remainingTtlSeconds: 5 },
  ])
  expect(lessor.find(1n)).toBe(undefined)
  expect(lessor.states().map(({ id }) => id)).toEqual([2n, 3n])
  lessor.promote()
  clock.advance(30_000)
  expect(taken()).toEqual(['expired 2', 'expired 3'])
})
