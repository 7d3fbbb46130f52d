import {
  type autoscalingV1,
  deepCopy,
  type FieldError,
  FieldPath,
  forbiddenField,
  type HorizontalPodAutoscaler,
  type HPAScalingRules,
  invalidValue,
  isDns1123Label,
  type MetricSpec,
  parseQuantity,
  required,
} from '@miniplane/api'
import { autoscalerTable } from '../columns/workloads.js'
import { autoscalersConversion } from '../conversion/autoscalers.js'
import { statusSubresource } from '../status-rules.js'
import { defineStrategy } from '../strategy.js'
import { pathSegmentName } from '../validation/names.js'
import { nonNegative } from '../validation/numbers.js'
import { oneOf } from '../validation/object-meta.js'
import { validateContainerResourceName } from '../validation/resources.js'

const SPEC = FieldPath.of('spec')
const CPU_PERCENT = 80
const WINDOW_SECONDS_MAX = 3600
const PERIOD_SECONDS_MAX = 1800
const METRIC_TYPES = ['ContainerResource', 'External', 'Object', 'Pods', 'Resource']

const EVERY = { periodSeconds: 15 }
const SCALE_UP = {
  stabilizationWindowSeconds: 0,
  selectPolicy: 'Max',
  policies: [
    { type: 'Pods', value: 4, ...EVERY },
    { type: 'Percent', value: 100, ...EVERY },
  ],
}
const SCALE_DOWN = { selectPolicy: 'Max', policies: [{ type: 'Percent', value: 100, ...EVERY }] }

export const horizontalPodAutoscalers = defineStrategy<HorizontalPodAutoscaler>({
  setDefaults(draft) {
    const { spec } = draft
    dropForeignAnnotations(draft)
    spec.minReplicas ??= 1
    if (!spec.metrics?.length) {
      const target = { type: 'Utilization', averageUtilization: CPU_PERCENT }
      spec.metrics = [{ type: 'Resource', resource: { name: 'cpu', target } }]
    }
    if (!spec.behavior) return
    spec.behavior.scaleUp = { ...deepCopy(SCALE_UP), ...spec.behavior.scaleUp }
    spec.behavior.scaleDown = { ...deepCopy(SCALE_DOWN), ...spec.behavior.scaleDown }
  },
  validate: ({ spec }) => validateSpec(spec),
  validateUpdate: ({ spec }) => validateSpec(spec),
  table: autoscalerTable,
  subresources: {
    status: statusSubresource<HorizontalPodAutoscaler>({ validate: validateStatus }),
  },
})

/** Where the first version keeps what it has no fields for; in this one they say nothing. */
const OF_THE_FIRST = ['metrics', 'behavior', 'conditions', 'current-metrics'].map(
  (name) => `autoscaling.alpha.kubernetes.io/${name}`,
)

function dropForeignAnnotations({ metadata }: HorizontalPodAutoscaler): void {
  const { annotations } = metadata
  if (!annotations || !OF_THE_FIRST.some((name) => name in annotations)) return
  const others = Object.entries(annotations).filter(([name]) => !OF_THE_FIRST.includes(name))
  if (others.length > 0) metadata.annotations = Object.fromEntries(others)
  else delete metadata.annotations
}

const converted = (served: autoscalingV1.HorizontalPodAutoscaler) =>
  autoscalersConversion.toStored(served) as HorizontalPodAutoscaler

/** The first version knows CPU only; what it is converted to has to follow the rules above. */
const validateConverted = (draft: autoscalingV1.HorizontalPodAutoscaler) =>
  validateSpec(converted(draft).spec)

export const horizontalPodAutoscalersV1 = defineStrategy<autoscalingV1.HorizontalPodAutoscaler>({
  setDefaults({ spec, metadata }) {
    spec.minReplicas ??= 1
    const hasOthers =
      metadata.annotations?.['autoscaling.alpha.kubernetes.io/metrics'] !== undefined
    if (!hasOthers) spec.targetCPUUtilizationPercentage ??= CPU_PERCENT
  },
  validate: validateConverted,
  validateUpdate: validateConverted,
  table: {
    columns: autoscalerTable.columns,
    cells: (object, nowMs) => autoscalerTable.cells(converted(object), nowMs),
  },
  subresources: {
    status: statusSubresource<autoscalingV1.HorizontalPodAutoscaler>({ validate: validateStatus }),
  },
})

/** The same in both versions. */
function validateStatus({
  status,
}: {
  readonly status: { readonly currentReplicas?: number; readonly desiredReplicas?: number }
}): FieldError[] {
  const errors: FieldError[] = []
  const path = FieldPath.of('status')
  nonNegative(status.currentReplicas, path.child('currentReplicas'), errors)
  nonNegative(status.desiredReplicas, path.child('desiredReplicas'), errors)
  return errors
}

function validateSpec(spec: HorizontalPodAutoscaler['spec']): FieldError[] {
  const errors: FieldError[] = []
  const { minReplicas = 1, maxReplicas, metrics = [] } = spec
  if (minReplicas < 1) {
    const path = SPEC.child('minReplicas')
    errors.push(invalidValue(path, minReplicas, 'must be greater than or equal to 1'))
  }
  const most = SPEC.child('maxReplicas')
  if (!maxReplicas) errors.push(required(most, 'must be set and greater than 0'))
  else if (maxReplicas < 0) {
    errors.push(invalidValue(most, maxReplicas, 'must be greater than or equal to 1'))
  }
  if (maxReplicas < minReplicas) {
    errors.push(invalidValue(most, maxReplicas, 'must be greater than or equal to `minReplicas`'))
  }
  validateTarget(spec.scaleTargetRef, SPEC.child('scaleTargetRef'), errors)
  for (const [i, metric] of metrics.entries()) {
    validateMetric(metric, SPEC.child('metrics').index(i), errors)
  }
  if (minReplicas === 0 && !metrics.some(({ type }) => type === 'Object' || type === 'External')) {
    const detail =
      'must specify at least one Object or External metric to support scaling to zero replicas'
    errors.push(forbiddenField(SPEC.child('metrics'), detail))
  }
  const behavior = SPEC.child('behavior')
  validateRules(spec.behavior?.scaleUp, behavior.child('scaleUp'), errors)
  validateRules(spec.behavior?.scaleDown, behavior.child('scaleDown'), errors)
  return errors
}

interface Reference {
  readonly kind?: string
  readonly name?: string
  readonly apiVersion?: string
}

function validateTarget(
  target: Reference,
  path: FieldPath,
  errors: FieldError[],
  needsGroup = true,
): void {
  for (const field of ['kind', 'name'] as const) {
    const value = target[field]
    if (!value) errors.push(required(path.child(field), ''))
    else {
      for (const fault of pathSegmentName(value, false)) {
        errors.push(invalidValue(path.child(field), value, fault))
      }
    }
  }
  if ((target.apiVersion ?? '').split('/').length > 2) {
    const detail = `unexpected GroupVersion string: ${target.apiVersion}`
    errors.push(invalidValue(path.child('apiVersion'), target.apiVersion, detail))
  } else if (needsGroup && !target.apiVersion && target.kind !== 'ReplicationController') {
    const detail = 'apiVersion must specify API group'
    errors.push(invalidValue(path.child('apiVersion'), target.apiVersion ?? '', detail))
  }
}

/** By type, in the order in which they are looked for. */
const SOURCES = {
  Object: 'object',
  External: 'external',
  Pods: 'pods',
  Resource: 'resource',
  ContainerResource: 'containerResource',
} as const
type Source = (typeof SOURCES)[keyof typeof SOURCES]

function validateMetric(metric: MetricSpec, path: FieldPath, errors: FieldError[]): void {
  const at = path.child('type')
  if (!metric.type) errors.push(required(at, 'must specify a metric source type'))
  oneOf(metric.type, METRIC_TYPES, at, errors)
  const present = Object.values(SOURCES).filter((source) => metric[source] !== undefined)
  const [first] = present
  // The first source that is there is looked at, whatever the type, and no other.
  if (first) validateSource(metric, first, path.child(first), errors)
  const expected = SOURCES[metric.type as keyof typeof SOURCES] as Source | undefined
  // Whoever looks for the source of an unknown type reports the type once more.
  if (!expected) oneOf(metric.type, METRIC_TYPES, at, errors)
  else if (!metric[expected]) {
    const detail = 'must populate information for the given metric source'
    errors.push(required(path.child(expected), detail))
  }
  if (present.length === 1) return
  for (const other of present) {
    if (other === expected) continue
    errors.push(forbiddenField(path.child(other), 'must populate the given metric source only'))
  }
}

/** Parts that are left out count as empty. */
function validateSource(
  metric: MetricSpec,
  source: Source,
  path: FieldPath,
  errors: FieldError[],
): void {
  const target: MetricTarget = metric[source]?.target ?? { type: '' }
  const at = path.child('target')
  const amounts = [target.value, target.averageValue].filter((amount) => amount !== undefined)
  const needs = (count: number, detail: string) => {
    if (count === 0) errors.push(required(at.child('averageValue'), detail))
  }
  switch (source) {
    case 'object':
      validateTarget(
        metric.object?.describedObject ?? {},
        path.child('describedObject'),
        errors,
        false,
      )
      validateIdentifier(metric.object?.metric, path.child('metric'), errors)
      validateMetricTarget(target, at, errors)
      needs(amounts.length, 'must set either a target value or averageValue')
      return
    case 'external':
      validateIdentifier(metric.external?.metric, path.child('metric'), errors)
      validateMetricTarget(target, at, errors)
      needs(amounts.length, 'must set either a target value for metric or a per-pod target')
      if (amounts.length === 2) {
        const detail = 'may not set both a target value for metric and a per-pod target'
        errors.push(forbiddenField(at.child('value'), detail))
      }
      return
    case 'pods':
      validateIdentifier(metric.pods?.metric, path.child('metric'), errors)
      validateMetricTarget(target, at, errors)
      needs(
        target.averageValue === undefined ? 0 : 1,
        'must specify a positive target averageValue',
      )
      return
    case 'resource':
      validateResourceName(metric.resource?.name, path, errors)
      validateResourceTarget(target, at, errors)
      return
    case 'containerResource':
      validateContainer(metric.containerResource ?? {}, path, errors)
      validateResourceTarget(target, at, errors)
  }
}

function validateResourceName(
  name: string | undefined,
  path: FieldPath,
  errors: FieldError[],
): void {
  if (!name) errors.push(required(path.child('name'), 'must specify a resource name'))
}

function validateContainer(
  { name, container }: { readonly name?: string; readonly container?: string },
  path: FieldPath,
  errors: FieldError[],
): void {
  if (name) validateContainerResourceName(name, path.child('name'), errors)
  else validateResourceName(name, path, errors)
  const at = path.child('container')
  if (!container) errors.push(required(at, 'must specify a container'))
  else
    for (const fault of isDns1123Label(container)) errors.push(invalidValue(at, container, fault))
}

function validateIdentifier(
  { name = '' }: { readonly name?: string } = {},
  path: FieldPath,
  errors: FieldError[],
): void {
  const at = path.child('name')
  if (!name) errors.push(required(at, 'must specify a metric name'))
  else for (const fault of pathSegmentName(name, false)) errors.push(invalidValue(at, name, fault))
}

interface MetricTarget {
  readonly type: string
  readonly value?: string
  readonly averageValue?: string
  readonly averageUtilization?: number
}

function validateMetricTarget(target: MetricTarget, path: FieldPath, errors: FieldError[]): void {
  const types = ['Utilization', 'Value', 'AverageValue']
  if (!target.type) errors.push(required(path.child('type'), 'must specify a metric target type'))
  if (!types.includes(target.type)) {
    const detail = 'must be either Utilization, Value, or AverageValue'
    errors.push(invalidValue(path.child('type'), target.type ?? '', detail))
  }
  for (const field of ['value', 'averageValue'] as const) {
    const amount = target[field]
    if (amount === undefined || parseQuantity(amount).sign() > 0) continue
    errors.push(invalidValue(path.child(field), amount, 'must be positive'))
  }
  const { averageUtilization: percent } = target
  if (percent !== undefined && percent < 1) {
    errors.push(invalidValue(path.child('averageUtilization'), percent, 'must be greater than 0'))
  }
}

/** CPU and memory are aimed at as an amount or as a share of what was requested. */
function validateResourceTarget(target: MetricTarget, path: FieldPath, errors: FieldError[]): void {
  validateMetricTarget(target, path, errors)
  const { averageUtilization: percent } = target
  if (percent === undefined && target.averageValue === undefined) {
    const detail = 'must set either a target raw value or a target utilization'
    errors.push(required(path.child('averageUtilization'), detail))
  }
  if (percent !== undefined && target.averageValue !== undefined) {
    const detail = 'may not set both a target raw value and a target utilization'
    errors.push(forbiddenField(path.child('averageValue'), detail))
  }
}

function validateRules(
  rules: HPAScalingRules | undefined,
  path: FieldPath,
  errors: FieldError[],
): void {
  if (!rules) return
  const { stabilizationWindowSeconds: window, selectPolicy, policies, tolerance } = rules
  const at = path.child('stabilizationWindowSeconds')
  if (window !== undefined && window < 0) {
    errors.push(invalidValue(at, window, 'must be greater than or equal to zero'))
  }
  if (window !== undefined && window > WINDOW_SECONDS_MAX) {
    const detail = `must be less than or equal to ${WINDOW_SECONDS_MAX}`
    errors.push(invalidValue(at, window, detail))
  }
  if (selectPolicy !== undefined) {
    oneOf(selectPolicy, ['Disabled', 'Max', 'Min'], path.child('selectPolicy'), errors)
  }
  if (!policies?.length) {
    errors.push(required(path.child('policies'), 'must specify at least one Policy'))
  }
  for (const [i, { type, value, periodSeconds }] of (policies ?? []).entries()) {
    const policy = path.child('policies').index(i)
    oneOf(type, ['Percent', 'Pods'], policy.child('type'), errors)
    positive(value, policy.child('value'), errors)
    positive(periodSeconds, policy.child('periodSeconds'), errors)
    if (periodSeconds > PERIOD_SECONDS_MAX) {
      const detail = `must be less than or equal to ${PERIOD_SECONDS_MAX}`
      errors.push(invalidValue(policy.child('periodSeconds'), periodSeconds, detail))
    }
  }
  if (tolerance !== undefined && parseQuantity(tolerance).sign() < 0) {
    const detail = 'must be greater than or equal to 0'
    errors.push(invalidValue(path.child('tolerance'), tolerance, detail))
  }
}

function positive(value: number, path: FieldPath, errors: FieldError[]): void {
  if (value <= 0) errors.push(invalidValue(path, value, 'must be greater than zero'))
}
