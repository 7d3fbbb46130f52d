import {
  type autoscalingV1,
  deepCopy,
  type FieldError,
  FieldPath,
  forbiddenField,
  type HorizontalPodAutoscaler,
  type HPAScalingRules,
  invalidValue,
  type LabelSelector,
  type MetricSpec,
  parseQuantity,
  required,
} from '@miniplane/api'
import { autoscalerTable } from '../columns/workloads.js'
import { autoscalersConversion } from '../conversion/autoscalers.js'
import { statusSubresource } from '../status-rules.js'
import { defineStrategy } from '../strategy.js'
import { validateLabelSelector } from '../validation/label-selector.js'
import { pathSegmentName } from '../validation/names.js'
import { nonNegative } from '../validation/numbers.js'
import { oneOf } from '../validation/object-meta.js'

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
    status: statusSubresource<HorizontalPodAutoscaler>({
      validate({ status }) {
        const errors: FieldError[] = []
        const path = FieldPath.of('status')
        nonNegative(status.currentReplicas, path.child('currentReplicas'), errors)
        nonNegative(status.desiredReplicas, path.child('desiredReplicas'), errors)
        return errors
      },
    }),
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
  subresources: { status: statusSubresource<autoscalingV1.HorizontalPodAutoscaler>() },
})

function validateSpec(spec: HorizontalPodAutoscaler['spec']): FieldError[] {
  const errors: FieldError[] = []
  const { minReplicas = 1, maxReplicas, metrics = [] } = spec
  if (minReplicas < 1) {
    const path = SPEC.child('minReplicas')
    errors.push(invalidValue(path, minReplicas, 'must be greater than or equal to 1'))
  }
  const most = SPEC.child('maxReplicas')
  if (maxReplicas < 1) errors.push(required(most, 'must be set and greater than 0'))
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

const SOURCES = {
  ContainerResource: 'containerResource',
  External: 'external',
  Object: 'object',
  Pods: 'pods',
  Resource: 'resource',
} as const

function validateMetric(metric: MetricSpec, path: FieldPath, errors: FieldError[]): void {
  if (!metric.type) {
    errors.push(required(path.child('type'), 'must specify a metric source type'))
    for (let i = 0; i < 2; i++) oneOf('', METRIC_TYPES, path.child('type'), errors)
    return
  }
  if (!oneOf(metric.type, METRIC_TYPES, path.child('type'), errors)) {
    // Whoever looks for the source of an unknown type reports the type once more.
    oneOf(metric.type, METRIC_TYPES, path.child('type'), errors)
    return
  }
  const field = SOURCES[metric.type as keyof typeof SOURCES]
  const source = metric[field]
  const at = path.child(field)
  if (!source) {
    errors.push(required(at, 'must populate information for the given metric source'))
    return
  }
  validateSource(metric, at, errors)
  for (const other of Object.values(SOURCES)) {
    if (other === field || !metric[other]) continue
    errors.push(forbiddenField(path.child(other), 'must populate the given metric source only'))
  }
}

/** The first source that is there; others beside it are not looked at. */
function validateSource(metric: MetricSpec, path: FieldPath, errors: FieldError[]): void {
  const { object, external, pods, resource, containerResource } = metric
  const target = path.child('target')
  if (object) {
    validateTarget(object.describedObject, path.child('describedObject'), errors, false)
    validateIdentifier(object.metric, path.child('metric'), errors)
    validateMetricTarget(object.target, target, errors)
    if (object.target.value === undefined && object.target.averageValue === undefined) {
      const detail = 'must set either a target value or averageValue'
      errors.push(required(target.child('averageValue'), detail))
    }
  } else if (external) {
    validateIdentifier({ name: external.metric.name }, path.child('metric'), errors)
    validateMetricTarget(external.target, target, errors)
    const { value, averageValue } = external.target
    if (value === undefined && averageValue === undefined) {
      const detail = 'must set either a target value for metric or a per-pod target'
      errors.push(required(target.child('averageValue'), detail))
    } else if (value !== undefined && averageValue !== undefined) {
      const detail = 'may not set both a target value for metric and a per-pod target'
      errors.push(forbiddenField(target.child('value'), detail))
    }
  } else if (pods) {
    validateIdentifier(pods.metric, path.child('metric'), errors)
    validateMetricTarget(pods.target, target, errors)
    if (pods.target.averageValue === undefined) {
      const detail = 'must specify a positive target averageValue'
      errors.push(required(target.child('averageValue'), detail))
    }
  } else if (resource) {
    if (!resource.name) errors.push(required(path.child('name'), 'must specify a resource name'))
    validateResourceTarget(resource.target, target, errors)
  } else if (containerResource) {
    const { name, container } = containerResource
    if (!name) errors.push(required(path.child('name'), 'must specify a resource name'))
    if (!container) errors.push(required(path.child('container'), 'must specify a container'))
    validateResourceTarget(containerResource.target, target, errors)
  }
}

function validateIdentifier(
  { name, selector }: { name: string; selector?: LabelSelector },
  path: FieldPath,
  errors: FieldError[],
): void {
  const at = path.child('name')
  if (!name) errors.push(required(at, 'must specify a metric name'))
  else for (const fault of pathSegmentName(name, false)) errors.push(invalidValue(at, name, fault))
  validateLabelSelector(selector, path.child('selector'), errors)
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
  if (tolerance !== undefined && parseQuantity(tolerance).sign() < 0) {
    const detail = 'must be greater than or equal to 0'
    errors.push(invalidValue(path.child('tolerance'), tolerance, detail))
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
}

function positive(value: number, path: FieldPath, errors: FieldError[]): void {
  if (value <= 0) errors.push(invalidValue(path, value, 'must be greater than zero'))
}
