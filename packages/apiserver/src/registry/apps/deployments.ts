import {
  type Deployment,
  type FieldError,
  FieldPath,
  forbiddenField,
  invalidValue,
  notSupported,
} from '@miniplane/api'
import { deploymentTable } from '../columns/workloads.js'
import { setPodTemplateDefaults } from '../defaults/pod-spec.js'
import { statusSubresource } from '../status-rules.js'
import { defineStrategy } from '../strategy.js'
import { goForm, pointer } from '../validation/go-struct.js'
import { immutableField } from '../validation/immutable.js'
import { isSelectorBroken } from '../validation/label-selector.js'
import {
  INT32_MAX,
  intOrPercentValue,
  nonNegative,
  nonNegativeIntOrPercent,
  notMoreThanHundredPercent,
} from '../validation/numbers.js'
import {
  forbidActiveDeadline,
  requireRestartAlways,
  selectsTemplate,
  TEMPLATE,
  templateMismatch,
  validatePodTemplate,
  validateWorkloadSelector,
} from '../validation/pod-template.js'
import { podWarnings } from '../validation/pod-warnings.js'
import { replicaCounts } from '../validation/replica-counts.js'
import { specAndNameWarnings, templatedState } from '../workload.js'

const SPEC = FieldPath.of('spec')
const strategyStruct = {
  Type: '',
  RollingUpdate: pointer({ MaxUnavailable: null, MaxSurge: null }),
} as const

export const deployments = defineStrategy<Deployment>({
  setDefaults({ spec }) {
    setPodTemplateDefaults(spec.template)
    spec.replicas ??= 1
    spec.strategy ??= {}
    spec.strategy.type ||= 'RollingUpdate'
    if (spec.strategy.type === 'RollingUpdate') {
      spec.strategy.rollingUpdate ??= {}
      spec.strategy.rollingUpdate.maxUnavailable ??= '25%'
      spec.strategy.rollingUpdate.maxSurge ??= '25%'
    }
    spec.revisionHistoryLimit ??= 10
    spec.progressDeadlineSeconds ??= 600
  },

  // Annotations count as well: the controller copies them to its ReplicaSets.
  ...templatedState<Deployment>(
    ({ spec }) => spec.template,
    ({ spec, metadata }) => [spec, metadata.annotations],
  ),
  validate: validateDeployment,
  validateUpdate(draft, stored) {
    const errors = validateDeployment(draft)
    immutableField(draft.spec.selector, stored.spec.selector, SPEC.child('selector'), errors)
    return errors
  },
  ...specAndNameWarnings<Deployment>(({ spec }) => podWarnings(spec.template, TEMPLATE)),

  table: deploymentTable,
  subresources: {
    status: statusSubresource<Deployment>({ keep: ['labels'], validate: validateStatus }),
  },
})

function validateDeployment({ spec }: Deployment): FieldError[] {
  const errors: FieldError[] = []
  nonNegative(spec.replicas, SPEC.child('replicas'), errors)
  validateWorkloadSelector(spec.selector, 'deployment', SPEC.child('selector'), errors)
  if (isSelectorBroken(spec.selector)) {
    errors.push(invalidValue(SPEC.child('selector'), spec.selector, 'invalid label selector'))
  } else {
    if (!selectsTemplate(spec.selector, spec.template)) {
      errors.push(templateMismatch(spec.template, TEMPLATE))
    }
    validatePodTemplate(spec.template, TEMPLATE, errors)
    requireRestartAlways(spec.template, TEMPLATE, errors)
    forbidActiveDeadline(spec.template, 'ReplicaSet', TEMPLATE, errors)
  }
  validateStrategy(spec, errors)
  nonNegative(spec.minReadySeconds, SPEC.child('minReadySeconds'), errors)
  nonNegative(spec.revisionHistoryLimit, SPEC.child('revisionHistoryLimit'), errors)
  validateDeadline(spec, errors)
  return errors
}

function validateStrategy({ strategy }: Deployment['spec'], errors: FieldError[]): void {
  const path = SPEC.child('strategy')
  const { type, rollingUpdate } = strategy
  if (type === 'Recreate') {
    if (!rollingUpdate) return
    const detail = "may not be specified when strategy `type` is 'Recreate'"
    errors.push(forbiddenField(path.child('rollingUpdate'), detail))
    return
  }
  if (type !== 'RollingUpdate') {
    const form = goForm(strategy, strategyStruct)
    errors.push(notSupported(path, form, ['Recreate', 'RollingUpdate']))
    return
  }
  const { maxUnavailable, maxSurge } = rollingUpdate ?? {}
  const at = path.child('rollingUpdate')
  nonNegativeIntOrPercent(maxUnavailable, at.child('maxUnavailable'), errors)
  nonNegativeIntOrPercent(maxSurge, at.child('maxSurge'), errors)
  if (intOrPercentValue(maxUnavailable) === 0 && intOrPercentValue(maxSurge) === 0) {
    const detail = 'may not be 0 when `maxSurge` is 0'
    errors.push(invalidValue(at.child('maxUnavailable'), maxUnavailable ?? 0, detail))
  }
  notMoreThanHundredPercent(maxUnavailable, at.child('maxUnavailable'), errors)
}

function validateDeadline(spec: Deployment['spec'], errors: FieldError[]): void {
  const deadline = spec.progressDeadlineSeconds
  const path = SPEC.child('progressDeadlineSeconds')
  nonNegative(deadline, path, errors)
  if (deadline === undefined || deadline === INT32_MAX) return
  if (deadline > (spec.minReadySeconds ?? 0)) return
  errors.push(invalidValue(path, deadline, 'must be greater than minReadySeconds'))
}

function validateStatus({ status }: Deployment, stored: Deployment): FieldError[] {
  return replicaCounts(status, {
    before: stored.status,
    counts: [
      'observedGeneration',
      'replicas',
      'updatedReplicas',
      'readyReplicas',
      'availableReplicas',
      'unavailableReplicas',
      'terminatingReplicas',
      'collisionCount',
    ],
    atMost: [
      ['updatedReplicas', 'replicas'],
      ['readyReplicas', 'replicas'],
      ['availableReplicas', 'replicas'],
      ['availableReplicas', 'readyReplicas'],
    ],
  })
}
