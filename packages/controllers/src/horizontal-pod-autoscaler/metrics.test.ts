import type { MetricSpec } from '@miniplane/api'
import { expect, it } from 'vitest'
import { metricProblem } from './metrics.js'

const metric = { name: 'requests', selector: { matchLabels: { a: 'b' } } }

it.each<[MetricSpec, string, string]>([
  [
    {
      type: 'Resource',
      resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 50 } },
    },
    'FailedGetResourceMetric',
    'failed to get cpu utilization: unable to get metrics for resource cpu: unable to fetch metrics from resource metrics API: the server could not find the requested resource (get pods.metrics.k8s.io)',
  ],
  [
    {
      type: 'Pods',
      pods: { metric, target: { type: 'AverageValue', averageValue: '1' } },
    },
    'FailedGetPodsMetric',
    'unable to get metric requests: unable to fetch metrics from custom metrics API: no custom metrics API (custom.metrics.k8s.io) registered',
  ],
  [
    { type: 'External', external: { metric, target: { type: 'Value', value: '1' } } },
    'FailedGetExternalMetric',
    'unable to get external metric ns/requests/&LabelSelector{MatchLabels:map[string]string{a: b,},MatchExpressions:[]LabelSelectorRequirement{},}: unable to fetch metrics from external metrics API: the server could not find the requested resource (get requests.external.metrics.k8s.io)',
  ],
])('$type', (spec, reason, message) => {
  const problem = metricProblem(spec, 'ns')
  expect(problem).toMatchObject({ reason, message })
  expect(problem.asPart.endsWith(message)).toBe(true)
})

const average = { type: 'AverageValue', averageValue: '1' }
const value = { type: 'Value', value: '1' }
const describedObject = { kind: 'Service', name: 'web' }

it.each<[MetricSpec, string]>([
  [
    {
      type: 'ContainerResource',
      containerResource: { name: 'cpu', container: 'c', target: average },
    },
    'failed to get c container metric value: failed to get cpu usage: ',
  ],
  [
    { type: 'Object', object: { metric, describedObject, target: value } },
    'failed to get object metric value: unable to get metric requests: ',
  ],
  [
    { type: 'Object', object: { metric, describedObject, target: average } },
    'failed to get object metric value: failed to get requests object metric: unable to',
  ],
  [
    { type: 'External', external: { metric, target: value } },
    'failed to get requests external metric value: failed to get external metric requests: unable',
  ],
  [
    { type: 'External', external: { metric, target: average } },
    'failed to get requests external metric value: failed to get requests external metric: unable',
  ],
])('as one of several: %j', (spec, beginning) => {
  const { asPart } = metricProblem(spec, 'ns')
  expect(asPart.slice(0, beginning.length)).toBe(beginning)
})
