import type { Deployment } from '@miniplane/api'
import { describe, expect, it } from 'vitest'
import { nextSizeOfNew, planNew, planOld } from './rolling.js'
import { deployment, replicaSet } from './shapes.fixture.js'
import { fenceposts, maxUnavailable } from './sizes.js'

describe('fenceposts', () => {
  it.each([
    { surge: '25%', unavailable: '25%', replicas: 10, is: [3, 2] },
    { surge: '25%', unavailable: '25%', replicas: 1, is: [1, 0] },
    { surge: 2, unavailable: 0, replicas: 3, is: [2, 0] },
    { surge: 0, unavailable: '10%', replicas: 5, is: [0, 1] },
    { surge: 0, unavailable: 0, replicas: 5, is: [0, 1] },
  ])(
    '$surge surge, $unavailable unavailable of $replicas',
    ({ surge, unavailable, replicas, is }) => {
      const { maxSurge, maxUnavailable } = fenceposts(surge, unavailable, replicas)
      expect([maxSurge, maxUnavailable]).toEqual(is)
    },
  )

  it('never lets more be unavailable than there are', () => {
    expect(maxUnavailable(deployment({ replicas: 2, surge: 1, unavailable: 5 }))).toBe(2)
    expect(maxUnavailable(deployment({ replicas: 0, surge: 1, unavailable: 5 }))).toBe(0)
  })
})

describe('nextSizeOfNew', () => {
  it.each([
    { wanted: 10, surge: 3, old: 10, now: 0, next: 3 },
    { wanted: 10, surge: 3, old: 8, now: 3, next: 5 },
    { wanted: 10, surge: 0, old: 10, now: 0, next: 0 },
    { wanted: 10, surge: '100%', old: 10, now: 0, next: 10 },
    { wanted: 3, surge: 5, old: 0, now: 0, next: 3 },
  ])('$now new of $wanted beside $old old with surge $surge → $next', (c) => {
    const rollout = deployment({ replicas: c.wanted, surge: c.surge })
    const all = [replicaSet('old', c.old), replicaSet('new', c.now)]
    expect(nextSizeOfNew(rollout, all, c.now)).toBe(c.next)
  })
})

describe('planNew', () => {
  it('scales down to what is wanted when the size was lowered during a rollout', () => {
    const newSet = replicaSet('new', 5)
    expect(planNew(deployment({ replicas: 3 }), [newSet], newSet)?.to).toBe(3)
    expect(planNew(deployment({ replicas: 5 }), [newSet], newSet)).toBeUndefined()
  })
})

describe('planOld', () => {
  const plan = (d: Deployment, newSet: [number, number], ...old: [number, number][]) =>
    planOld(
      d,
      replicaSet('new', ...newSet),
      old.map(([size, available], i) => replicaSet(`old-${i}`, size, available, i)),
    ).map(({ replicaSet, to }) => `${replicaSet.metadata.name}→${to}`)

  const ten = deployment({ replicas: 10, surge: 2, unavailable: 2 })

  it.each<{ rule: string; newSet: [number, number]; old: [number, number][]; steps: string[] }>([
    {
      rule: 'as many available ones as may be missing',
      newSet: [0, 0],
      old: [[10, 10]],
      steps: ['old-0→8'],
    },
    {
      rule: 'none while new ones are not available',
      newSet: [4, 0],
      old: [[8, 8]],
      steps: [],
    },
    {
      rule: 'one for each new one that became available',
      newSet: [4, 1],
      old: [[8, 8]],
      steps: ['old-0→7'],
    },
    {
      rule: 'unhealthy ones first, at no cost',
      newSet: [2, 0],
      old: [[10, 7]],
      steps: ['old-0→8'],
    },
    {
      rule: 'unhealthy ones of every old ReplicaSet, then available ones of the oldest',
      newSet: [4, 4],
      old: [
        [4, 2],
        [4, 4],
      ],
      steps: ['old-0→2', 'old-0→0'],
    },
    { rule: 'nothing when nothing is left', newSet: [10, 10], old: [[0, 0]], steps: [] },
    {
      rule: 'all when the new ones are there',
      newSet: [10, 10],
      old: [[2, 2]],
      steps: ['old-0→0'],
    },
  ])('$rule', ({ newSet, old, steps }) => {
    expect(plan(ten, newSet, ...old)).toEqual(steps)
  })

  it('lets nothing go with maxUnavailable 0 until a new one is available', () => {
    const careful = deployment({ replicas: 3, surge: 1, unavailable: 0 })
    expect(plan(careful, [1, 0], [3, 3])).toEqual([])
    expect(plan(careful, [1, 1], [3, 3])).toEqual(['old-0→2'])
  })
})
