import { type FieldError, FieldPath, invalidValue, type PodDisruptionBudget } from '@miniplane/api'
import { podDisruptionBudgetTable } from '../columns/workloads.js'
import { statusSubresource } from '../status-rules.js'
import { defineStrategy } from '../strategy.js'
import { validateConditions } from '../validation/conditions.js'
import { goForm } from '../validation/go-struct.js'
import { validateLabelSelector } from '../validation/label-selector.js'
import { pathSegmentName } from '../validation/names.js'
import { nonNegativeIntOrPercent, notMoreThanHundredPercent } from '../validation/numbers.js'
import { oneOf } from '../validation/object-meta.js'
import { replicaCounts } from '../validation/replica-counts.js'
import { desiredState } from '../workload.js'

const SPEC = FieldPath.of('spec')
const specStruct = {
  MinAvailable: null,
  Selector: null,
  MaxUnavailable: null,
  UnhealthyPodEvictionPolicy: null,
} as const

export const podDisruptionBudgets = defineStrategy<PodDisruptionBudget>({
  validateName: pathSegmentName,
  ...desiredState<PodDisruptionBudget>(),
  validate: validateBudget,
  validateUpdate: (draft) => validateBudget(draft),
  allowUnconditionalUpdate: false,
  table: podDisruptionBudgetTable,
  subresources: {
    status: statusSubresource<PodDisruptionBudget>({
      validate({ status }) {
        const errors: FieldError[] = []
        validateConditions(status.conditions, FieldPath.of('status', 'conditions'), errors, '')
        const counts = ['disruptionsAllowed', 'currentHealthy', 'desiredHealthy', 'expectedPods']
        return [...errors, ...replicaCounts(status, { counts })]
      },
    }),
  },
})

function validateBudget({ spec }: PodDisruptionBudget): FieldError[] {
  const errors: FieldError[] = []
  const { minAvailable, maxUnavailable, unhealthyPodEvictionPolicy: policy } = spec
  if (minAvailable !== undefined && maxUnavailable !== undefined) {
    const detail = 'minAvailable and maxUnavailable cannot be both set'
    errors.push(invalidValue(SPEC, goForm(spec, specStruct), detail))
  }
  for (const [field, value] of [
    ['minAvailable', minAvailable],
    ['maxUnavailable', maxUnavailable],
  ] as const) {
    nonNegativeIntOrPercent(value, SPEC.child(field), errors)
    notMoreThanHundredPercent(value, SPEC.child(field), errors)
  }
  validateLabelSelector(spec.selector, SPEC.child('selector'), errors)
  if (policy !== undefined) {
    const policies = ['AlwaysAllow', 'IfHealthyBudget']
    oneOf(policy, policies, SPEC.child('unhealthyPodEvictionPolicy'), errors)
  }
  return errors
}
