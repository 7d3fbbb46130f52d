import type { HorizontalPodAutoscaler, KubeObject } from '@miniplane/api'
import { describe, expect, it } from 'vitest'
import { autoscalersConversion } from './autoscalers.js'

const { toServed, toStored } = autoscalersConversion
const target = { kind: 'Deployment', name: 'd', apiVersion: 'apps/v1' }
const at = 'autoscaling.alpha.kubernetes.io/'

const v2 = (spec: object, status: object = {}): KubeObject => ({
  kind: 'HorizontalPodAutoscaler',
  apiVersion: 'autoscaling/v2',
  metadata: { name: 'h', namespace: 'default', creationTimestamp: '2026-01-01T00:00:00Z' },
  spec: { scaleTargetRef: target, minReplicas: 1, maxReplicas: 5, ...spec },
  status: { desiredReplicas: 0, currentMetrics: null, ...status },
})

const cpu = {
  type: 'Resource',
  resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 50 } },
}
const labels = { matchLabels: { a: 'b' } }
const METRICS = [
  {
    type: 'Resource',
    resource: { name: 'memory', target: { type: 'AverageValue', averageValue: '1Gi' } },
  },
  {
    type: 'ContainerResource',
    containerResource: {
      name: 'cpu',
      target: { type: 'Utilization', averageUtilization: 30 },
      container: 'c',
    },
  },
  {
    type: 'Pods',
    pods: {
      metric: { name: 'rps', selector: labels },
      target: { type: 'AverageValue', averageValue: '1k' },
    },
  },
  {
    type: 'External',
    external: { metric: { name: 'q', selector: labels }, target: { type: 'Value', value: '30' } },
  },
  {
    type: 'External',
    external: { metric: { name: 'q' }, target: { type: 'AverageValue', averageValue: '3' } },
  },
  {
    type: 'Object',
    object: {
      describedObject: { kind: 'Ingress', name: 'i', apiVersion: 'networking.k8s.io/v1' },
      target: { type: 'Value', value: '2' },
      metric: { name: 'hits' },
    },
  },
]
const CURRENT = [
  {
    type: 'Resource',
    resource: { name: 'cpu', current: { averageValue: '100m', averageUtilization: 40 } },
  },
  { type: 'Pods', pods: { metric: { name: 'rps' }, current: { averageValue: '900' } } },
]
const behavior = {
  scaleDown: {
    stabilizationWindowSeconds: 60,
    selectPolicy: 'Max',
    policies: [{ type: 'Percent', value: 100, periodSeconds: 15 }],
    tolerance: '50m',
  },
}
const conditions = [{ type: 'AbleToScale', status: 'True', lastTransitionTime: null }]

describe('autoscalers of autoscaling/v1', () => {
  it.each<[string, KubeObject]>([
    ['CPU alone', v2({ metrics: [cpu] })],
    ...METRICS.map(
      (metric) =>
        [`${metric.type} and CPU`, v2({ metrics: [metric, cpu] })] as [string, KubeObject],
    ),
    ['behavior', v2({ metrics: [cpu], behavior })],
    ['status', v2({ metrics: [cpu] }, { currentReplicas: 1, currentMetrics: CURRENT, conditions })],
  ])('say everything: %s', (_, stored) => {
    expect(toStored(toServed(stored))).toEqual(stored)
  })

  it('have a field for CPU and annotations for the rest', () => {
    const { metadata, spec, status } = toServed(
      v2({ metrics: [cpu, METRICS[0]], behavior }, { currentMetrics: CURRENT, conditions }),
    ) as HorizontalPodAutoscaler
    expect(spec).toEqual({
      scaleTargetRef: target,
      minReplicas: 1,
      maxReplicas: 5,
      targetCPUUtilizationPercentage: 50,
    })
    expect(status).toEqual({
      currentReplicas: 0,
      desiredReplicas: 0,
      currentCPUUtilizationPercentage: 40,
    })
    expect(metadata.annotations).toEqual({
      [`${at}metrics`]:
        '[{"type":"Resource","resource":{"name":"memory","targetAverageValue":"1Gi"}}]',
      [`${at}current-metrics`]:
        '[{"type":"Resource","resource":{"name":"cpu","currentAverageUtilization":40,"currentAverageValue":"100m"}},{"type":"Pods","pods":{"metricName":"rps","currentAverageValue":"900"}}]',
      [`${at}conditions`]: '[{"type":"AbleToScale","status":"True","lastTransitionTime":null}]',
      [`${at}behavior`]:
        '{"ScaleUp":null,"ScaleDown":{"StabilizationWindowSeconds":60,"SelectPolicy":"Max","Policies":[{"Type":"Percent","Value":100,"PeriodSeconds":15}],"Tolerance":"50m"}}',
    })
  })

  it('may carry annotations that mean nothing', () => {
    const served = toServed(v2({ metrics: [cpu] }))
    served.metadata.annotations = { [`${at}metrics`]: '{', [`${at}behavior`]: '7', mine: 'x' }
    const stored = v2({ metrics: [cpu] })
    stored.metadata.annotations = { mine: 'x' }
    expect(toStored(served)).toEqual(stored)
  })
})

it('converts what apply leaves of an object when nobody owns the rest', () => {
  const kind = 'HorizontalPodAutoscaler'
  const part = (apiVersion: string) => ({ kind, apiVersion }) as KubeObject
  expect(toServed(part('autoscaling/v2')).metadata).toEqual({})
  expect(toStored(part('autoscaling/v1')).metadata).toEqual({})
})
