import { expect, it } from 'vitest'
import { faultsOf } from '../strategy.suite.js'
import { horizontalPodAutoscalers } from './horizontal-pod-autoscalers.js'

const autoscaler = (spec: object) => ({
  metadata: { name: 'h', namespace: 'default' },
  spec: {
    scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'd' },
    maxReplicas: 3,
    ...spec,
  },
  status: {},
})
const metrics = (...list: object[]) => autoscaler({ metrics: list })
const AT = 'spec.metrics[0]'
const metric = { name: 'm' }
const average = { type: 'AverageValue', averageValue: '1' }

it.each<[string, object, string[]]>([
  [
    'two sources of one metric',
    metrics({
      type: 'Pods',
      pods: { metric, target: average },
      resource: { name: 'cpu', target: average },
    }),
    [`${AT}.resource: Forbidden: must populate the given metric source only`],
  ],
  [
    'an external metric with two targets',
    metrics({ type: 'External', external: { metric, target: { ...average, value: '1' } } }),
    [
      `${AT}.external.target.value: Forbidden: may not set both a target value for metric and a per-pod target`,
    ],
  ],
  [
    'an object that is none, and a metric without a target',
    metrics({
      type: 'Object',
      object: { describedObject: { kind: 'K', name: '' }, metric, target: { type: 'Value' } },
    }),
    [
      `${AT}.object.describedObject.name: Required value`,
      `${AT}.object.target.averageValue: Required value: must set either a target value or averageValue`,
    ],
  ],
  [
    'a metric of Pods without a name',
    metrics({
      type: 'Pods',
      pods: { metric: { name: '' }, target: { type: 'Value', value: '1' } },
    }),
    [
      `${AT}.pods.metric.name: Required value: must specify a metric name`,
      `${AT}.pods.target.averageValue: Required value: must specify a positive target averageValue`,
    ],
  ],
  [
    'a resource of no container',
    metrics({
      type: 'ContainerResource',
      containerResource: { name: 'cpu', container: '', target: average },
    }),
    [`${AT}.containerResource.container: Required value: must specify a container`],
  ],
  [
    'a source that is empty and of another type',
    metrics({ type: 'Resource', pods: {} }),
    [
      `${AT}.pods.metric.name: Required value: must specify a metric name`,
      `${AT}.pods.target.type: Required value: must specify a metric target type`,
      `${AT}.pods.target.type: Invalid value: "": must be either Utilization, Value, or AverageValue`,
      `${AT}.pods.target.averageValue: Required value: must specify a positive target averageValue`,
      `${AT}.resource: Required value: must populate information for the given metric source`,
    ],
  ],
  [
    'fewer than no replicas',
    autoscaler({ maxReplicas: -1 }),
    [
      'spec.maxReplicas: Invalid value: -1: must be greater than or equal to 1',
      'spec.maxReplicas: Invalid value: -1: must be greater than or equal to `minReplicas`',
    ],
  ],
  [
    'rules without policies, and below nothing',
    autoscaler({
      behavior: { scaleUp: { policies: [] }, scaleDown: { stabilizationWindowSeconds: -1 } },
    }),
    [
      'spec.behavior.scaleUp.policies: Required value: must specify at least one Policy',
      'spec.behavior.scaleDown.stabilizationWindowSeconds: Invalid value: -1: must be greater than or equal to zero',
    ],
  ],
])('%s', (_what, object, faults) => {
  expect(faultsOf(horizontalPodAutoscalers, object)).toEqual(faults)
})
