import { describe, expect, it } from 'vitest'
import { cluster, daemonSet, NOW, node } from './daemons.fixture.js'
import { FailedPods } from './failed-pods.js'
import { countNodes } from './status.js'

describe('countNodes', () => {
  it('counts each node by its oldest Pod', () => {
    const { nodes, pods } = cluster(['a'], ['b~', 'c'], ['d!'], [], ['e'])
    nodes[4] = node('n4', [{ key: 'x', effect: 'NoSchedule' }])
    expect(countNodes(daemonSet(), nodes, pods, 'new', NOW)).toEqual({
      status: {
        desiredNumberScheduled: 4,
        currentNumberScheduled: 3,
        numberMisscheduled: 1,
        numberReady: 2,
        updatedNumberScheduled: 2,
        numberAvailable: 2,
        numberUnavailable: 2,
      },
      nextAvailableInMs: undefined,
    })
  })

  it('waits out minReadySeconds: the fixture is ready for 30 s', () => {
    const { nodes, pods } = cluster(['a'])
    const set = daemonSet()
    set.spec.minReadySeconds = 45
    const { status, nextAvailableInMs } = countNodes(set, nodes, pods, 'new', NOW)
    expect(status).toMatchObject({ numberReady: 1, numberAvailable: 0, numberUnavailable: 1 })
    expect(nextAvailableInMs).toBe(15_000)
  })
})

describe('FailedPods', () => {
  it('replaces the first at once and each next after twice the time', () => {
    const failed = new FailedPods()
    const asked = [0, 500, 1000, 2000, 3000].map((ms) => failed.waitMs('set/n0', NOW + ms))
    expect(asked).toEqual([0, 500, 0, 1000, 0])
    expect(failed.waitMs('set/n1', NOW + 3000)).toBe(0)
    failed.forget('set')
    expect(failed.waitMs('set/n0', NOW + 3001)).toBe(0)
  })
})
