import { ManualClock } from '@miniplane/api'
import { describe, expect, it } from 'vitest'
import { Expectations } from './expectations.js'

describe('Expectations', () => {
  it('are fulfilled when every creation was seen, also before the request was answered', () => {
    const expectations = new Expectations(new ManualClock())
    expectations.expectCreations('default/web', 2)
    expectations.creationsObserved('default/web')
    expect(expectations.isFulfilled('default/web')).toBe(false)
    expectations.creationsObserved('default/web')
    expect(expectations.isFulfilled('default/web')).toBe(true)
  })

  it('count a deletion once, whoever else is deleted and however often it is seen', () => {
    const expectations = new Expectations(new ManualClock())
    expectations.expectDeletions('default/web', ['a', 'b'])
    expectations.deletionObserved('default/web', 'a')
    expectations.deletionObserved('default/web', 'a')
    expectations.deletionObserved('default/web', 'other')
    expect(expectations.isFulfilled('default/web')).toBe(false)
    expectations.deletionObserved('default/web', 'b')
    expect(expectations.isFulfilled('default/web')).toBe(true)
  })

  it('do not block an owner forever when an event is lost', () => {
    const clock = new ManualClock()
    const expectations = new Expectations(clock)
    expectations.expectCreations('default/web', 1)
    clock.advance(5 * 60_000)
    expect(expectations.isFulfilled('default/web')).toBe(false)
    clock.advance(1)
    expect(expectations.isFulfilled('default/web')).toBe(true)
  })
})
