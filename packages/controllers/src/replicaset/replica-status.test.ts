import { formatTime, labelsMatcher, type Pod } from '@miniplane/api'
import { describe, expect, it } from 'vitest'
import { countReplicas, failureConditions, sortOutPods } from './replica-status.js'

const NOW = 1_700_000_000_000
const template = labelsMatcher({ app: 'web' })

const pod = (readyForMs?: number, labels: Record<string, string> = { app: 'web' }): Pod => ({
  metadata: { name: 'p', labels },
  spec: { containers: [] },
  status: {
    phase: 'Running',
    conditions: [
      readyForMs === undefined
        ? { type: 'Ready', status: 'False' }
        : { type: 'Ready', status: 'True', lastTransitionTime: formatTime(NOW - readyForMs) },
    ],
  },
})

describe('countReplicas', () => {
  it('counts ready Pods as available at once without minReadySeconds', () => {
    const counts = countReplicas([pod(0), pod(5000), pod()], template, 0, NOW)
    expect(counts).toEqual({
      replicas: 3,
      fullyLabeled: 3,
      ready: 2,
      available: 2,
      nextAvailableInMs: undefined,
    })
  })

  it('says when the next Pod becomes available', () => {
    const counts = countReplicas([pod(4000), pod(7000), pod(20_000)], template, 10, NOW)
    expect(counts).toMatchObject({ ready: 3, available: 1, nextAvailableInMs: 3000 })
  })

  it('tells Pods apart that lack a label of the template', () => {
    const counts = countReplicas([pod(0), pod(0, { app: 'other' })], template, 0, NOW)
    expect(counts).toMatchObject({ replicas: 2, fullyLabeled: 1 })
  })
})

describe('sortOutPods', () => {
  it('counts what is being deleted apart and what has ended not at all', () => {
    const running = pod(0)
    const leaving = { ...pod(0), metadata: { deletionTimestamp: formatTime(NOW) } }
    const failed = { ...pod(), status: { phase: 'Failed' } }
    expect(sortOutPods([running, leaving, failed])).toEqual({ active: [running], terminating: 1 })
  })
})

describe('failureConditions', () => {
  const failure = { reason: 'FailedCreate', message: 'quota' } as const

  it('keeps the first failure until a sync succeeds', () => {
    const first = failureConditions([], failure, 'now')
    expect(first).toEqual([
      { type: 'ReplicaFailure', status: 'True', lastTransitionTime: 'now', ...failure },
    ])
    expect(failureConditions(first, { ...failure, message: 'other' }, 'later')).toBe(first)
    expect(failureConditions(first, undefined, 'later')).toEqual([])
  })
})
