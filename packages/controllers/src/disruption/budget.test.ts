import { formatTime, type Pod, type PodDisruptionBudget } from '@miniplane/api'
import { describe, expect, it } from 'vitest'
import { budgetStatus, disruptedPods, expectationOf } from './budget.js'

const NOW = 1_700_000_000_000

const budget = (
  spec: PodDisruptionBudget['spec'],
  disrupted: Record<string, string> = {},
): PodDisruptionBudget => ({
  metadata: { name: 'web', namespace: 'default', generation: 1 },
  spec,
  status: {
    disruptionsAllowed: 0,
    currentHealthy: 0,
    desiredHealthy: 0,
    expectedPods: 0,
    disruptedPods: disrupted,
  },
})

const pod = (name: string, ready = true): Pod => ({
  metadata: { name },
  spec: { containers: [] },
  status: { conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }] },
})

const pods = (count: number, ready = count) =>
  Array.from({ length: count }, (_, index) => pod(`web-${index}`, index < ready))

describe('expectationOf', () => {
  it.each<{ spec: PodDisruptionBudget['spec']; scale: number; is: [number, number] }>([
    { spec: { minAvailable: 2 }, scale: 0, is: [3, 2] },
    { spec: { minAvailable: '50%' }, scale: 5, is: [5, 3] },
    { spec: { maxUnavailable: 1 }, scale: 5, is: [5, 4] },
    { spec: { maxUnavailable: '30%' }, scale: 5, is: [5, 3] },
    { spec: { maxUnavailable: 9 }, scale: 5, is: [5, 0] },
    { spec: {}, scale: 5, is: [0, 0] },
  ])('$spec of $scale', ({ spec, scale, is }) => {
    const { expected, desired } = expectationOf(budget(spec), pods(3), scale)
    expect([expected, desired]).toEqual(is)
  })
})

describe('budgetStatus', () => {
  const allowed = (of: PodDisruptionBudget, all: Pod[]) => {
    const expectation = expectationOf(of, all, all.length)
    const status = budgetStatus(of, all, expectation, disruptedPods(of, all, NOW), NOW)
    return [status.disruptionsAllowed, status.currentHealthy, status.conditions?.[0]?.reason]
  }

  it('allows what is healthy beyond what is desired', () => {
    expect(allowed(budget({ minAvailable: 2 }), pods(3))).toEqual([1, 3, 'SufficientPods'])
    expect(allowed(budget({ minAvailable: 2 }), pods(3, 2))).toEqual([0, 2, 'InsufficientPods'])
    expect(allowed(budget({ minAvailable: 2 }), [])).toEqual([0, 0, 'InsufficientPods'])
  })

  it('does not count Pods whose eviction is granted, until that is long ago', () => {
    const now = budget({ minAvailable: 1 }, { 'web-0': formatTime(NOW - 1000) })
    expect(allowed(now, pods(2))[0]).toBe(0)
    const long = budget({ minAvailable: 1 }, { 'web-0': formatTime(NOW - 121_000) })
    expect(allowed(long, pods(2))[0]).toBe(1)
    expect(disruptedPods(long, pods(2), NOW).overdue).toHaveLength(1)
  })
})
