import { describe, expect, it } from 'vitest'
import { annotations } from './annotations.js'
import { planScaling } from './proportional.js'
import { deployment, replicaSet } from './shapes.fixture.js'

const sized = (desired: number, max: number) => ({
  [annotations.desiredReplicas]: String(desired),
  [annotations.maxReplicas]: String(max),
})

const steps = (...args: Parameters<typeof planScaling>) =>
  planScaling(...args).map(({ replicaSet, to }) => `${replicaSet.metadata.name}→${to}`)

describe('planScaling', () => {
  it('gives everything to the only live ReplicaSet', () => {
    const old = [replicaSet('old', 0)]
    expect(steps(deployment({ replicas: 7 }), replicaSet('new', 3), old)).toEqual(['new→7'])
  })

  it('gives everything to the newest when none is live', () => {
    const old = [replicaSet('a', 0, 0, 1), replicaSet('b', 0, 0, 2)]
    expect(steps(deployment({ replicas: 2 }), undefined, old)).toEqual(['b→2'])
    expect(steps(deployment({ replicas: 2 }), replicaSet('new', 0), old)).toEqual(['new→2'])
    expect(steps(deployment({ replicas: 2 }), undefined, [])).toEqual([])
  })

  it('takes the old ones down when the new one has everything already', () => {
    const newSet = replicaSet('new', 4, 4, 2, sized(4, 5))
    expect(steps(deployment({ replicas: 4 }), newSet, [replicaSet('old', 1)])).toEqual(['old→0'])
  })

  it('keeps the shares when scaled up in the middle of a rollout', () => {
    // 10 wanted with a surge of 3: 8 old and 5 new; now 15 are wanted, so 18 are allowed.
    const newSet = replicaSet('new', 5, 0, 2, sized(10, 13))
    const old = [replicaSet('old', 8, 8, 1, sized(10, 13))]
    const rollout = deployment({ replicas: 15, surge: 3, unavailable: 2 })
    expect(steps(rollout, newSet, old)).toEqual(['old→11', 'new→7'])
  })

  it('keeps the shares when scaled down, and the largest takes what rounding leaves', () => {
    const newSet = replicaSet('new', 5, 0, 2, sized(10, 13))
    const old = [replicaSet('old', 8, 8, 1, sized(10, 13))]
    const rollout = deployment({ replicas: 5, surge: 2, unavailable: 1 })
    expect(steps(rollout, newSet, old)).toEqual(['old→4', 'new→3'])
  })

  it('takes everything down when none is wanted', () => {
    const newSet = replicaSet('new', 5, 0, 2, sized(10, 13))
    const old = [replicaSet('old', 8, 8, 1, sized(10, 13))]
    expect(steps(deployment({ replicas: 0 }), newSet, old)).toEqual(['old→0', 'new→0'])
  })

  it('does nothing in proportion when everything is to be recreated', () => {
    const both = [replicaSet('a', 1), replicaSet('b', 1)]
    expect(steps(deployment({ replicas: 5, strategy: 'Recreate' }), undefined, both)).toEqual([])
  })
})
