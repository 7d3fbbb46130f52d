import type { HorizontalPodAutoscaler } from '@miniplane/api'
import { describe, expect, it } from 'vitest'
import { isSwitchedOff, rescaleToBounds } from './bounds.js'
import { metricFailure } from './metrics.js'

const autoscaler = (minReplicas?: number): HorizontalPodAutoscaler => ({
  metadata: {},
  spec: {
    scaleTargetRef: { kind: 'Deployment', name: 'web' },
    maxReplicas: 4,
    ...(minReplicas === undefined ? {} : { minReplicas }),
  },
  status: { desiredReplicas: 0 },
})

describe('rescaleToBounds', () => {
  it.each([
    { min: 2, current: 1, to: 2 },
    { min: 2, current: 2, to: undefined },
    { min: 2, current: 4, to: undefined },
    { min: 2, current: 9, to: 4 },
  ])('$current with a minimum of $min', ({ min, current, to }) => {
    expect(rescaleToBounds(autoscaler(min), current)?.to).toBe(to)
  })
})

describe('isSwitchedOff', () => {
  it('is size 0, unless the autoscaler may go there itself', () => {
    expect(isSwitchedOff(autoscaler(), 0)).toBe(true)
    expect(isSwitchedOff(autoscaler(0), 0)).toBe(false)
    expect(isSwitchedOff(autoscaler(), 1)).toBe(false)
  })
})

describe('metricFailure', () => {
  it('says what a cluster without a metrics server says', () => {
    const cpu = { name: 'cpu', target: { type: 'Utilization', averageUtilization: 50 } }
    const { reason, message, summarized } = metricFailure({ type: 'Resource', resource: cpu })
    expect(reason).toBe('FailedGetResourceMetric')
    expect(message).toMatch(
      /^failed to get cpu utilization: unable to get metrics for resource cpu/,
    )
    expect(summarized).toBe(`failed to get cpu resource metric value: ${message}`)
  })
})
