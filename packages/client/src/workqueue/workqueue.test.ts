import { Ledger, ManualClock } from '@miniplane/api'
import { describe, expect, it } from 'vitest'
import { limits } from '../limits.js'
import { Workqueue } from './workqueue.js'

const trigger = (revision: number) => ({
  resource: 'apps/deployments',
  key: 'default/web',
  revision: String(revision),
})

const newQueue = () => {
  const clock = new ManualClock()
  const ledger = new Ledger()
  return { clock, ledger, queue: new Workqueue({ clock, ledger }) }
}

describe('Workqueue', () => {
  it('hands a key out once however often it was added, with everything that triggered it', async () => {
    const { queue } = newQueue()
    queue.add('a', trigger(1))
    queue.add('b')
    queue.add('a', trigger(2))
    expect(await queue.get()).toEqual({ key: 'a', triggers: [trigger(1), trigger(2)] })
    expect(await queue.get()).toEqual({ key: 'b', triggers: [] })
    expect(queue.length).toBe(0)
  })

  it('keeps a key that is added while being worked on until it is done', async () => {
    const { queue } = newQueue()
    queue.add('a')
    await queue.get()
    queue.add('a', trigger(7))
    expect(queue.length).toBe(0)
    queue.done('a')
    expect(await queue.get()).toEqual({ key: 'a', triggers: [trigger(7)] })
  })

  it('remembers a bounded number of triggers, the newest', async () => {
    const { queue } = newQueue()
    for (let revision = 1; revision <= limits.triggersPerKeyMax + 5; revision++) {
      queue.add('a', trigger(revision))
    }
    const item = await queue.get()
    expect(item?.triggers).toHaveLength(limits.triggersPerKeyMax)
    expect(item?.triggers.at(-1)).toEqual(trigger(limits.triggersPerKeyMax + 5))
  })

  it('lets a delayed key come when its time has come, and the earliest time wins', async () => {
    const { clock, queue } = newQueue()
    queue.addAfter('a', 1000, trigger(1))
    queue.addAfter('a', 50)
    queue.addAfter('a', 500, trigger(2))
    clock.advance(49)
    expect(queue.length).toBe(0)
    clock.advance(1)
    expect(await queue.get()).toEqual({ key: 'a', triggers: [trigger(1), trigger(2)] })
    queue.done('a')
    clock.advance(5000)
    expect(queue.length).toBe(0)
  })

  it('doubles the pause of a failing key until it is forgotten', () => {
    const { clock, queue } = newQueue()
    const pauses: number[] = []
    for (let failure = 0; failure < 4; failure++) {
      queue.addRateLimited('a')
      const start = clock.monotonic()
      pauses.push((clock.nextDueMs() ?? 0) - clock.now())
      clock.advance((clock.nextDueMs() ?? 0) - clock.now())
      expect(clock.monotonic()).toBeGreaterThan(start)
      void queue.get().then((item) => queue.done(item?.key ?? ''))
    }
    expect(pauses).toEqual([5, 10, 20, 40])
    queue.forget('a')
    expect(queue.failures('a')).toBe(0)
  })

  it('settles only when nothing waits and nothing is worked on', async () => {
    const { ledger, queue } = newQueue()
    queue.add('a')
    expect(ledger.isIdle).toBe(false)
    await queue.get()
    expect(ledger.counts()).toMatchObject({ queuedKey: 0, reconcile: 1 })
    queue.done('a')
    expect(ledger.isIdle).toBe(true)
  })

  it('ends waiting workers and forgets timers on shutdown', async () => {
    const { clock, ledger, queue } = newQueue()
    const waiting = queue.get()
    queue.addAfter('later', 10)
    queue.shutDown()
    expect(await waiting).toBeUndefined()
    expect(clock.nextDueMs()).toBeUndefined()
    queue.add('a')
    expect(queue.length).toBe(0)
    expect(ledger.isIdle).toBe(true)
  })
})
