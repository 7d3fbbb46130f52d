import { type FieldError, FieldPath, invalidValue, type ReplicaSet } from '@miniplane/api'
import { replicaSetTable } from '../columns/workloads.js'
import { setPodTemplateDefaults } from '../defaults/pod-spec.js'
import { statusSubresource } from '../status-rules.js'
import { defineStrategy } from '../strategy.js'
import { immutableField } from '../validation/immutable.js'
import { isSelectorBroken } from '../validation/label-selector.js'
import { nonNegative } from '../validation/numbers.js'
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

export const replicaSets = defineStrategy<ReplicaSet>({
  setDefaults({ spec }) {
    setPodTemplateDefaults(spec.template)
    spec.replicas ??= 1
  },
  ...templatedState<ReplicaSet>(({ spec }) => spec.template),
  validate: validateReplicaSet,
  validateUpdate(draft, stored) {
    const errors = validateReplicaSet(draft)
    immutableField(draft.spec.selector, stored.spec.selector, SPEC.child('selector'), errors)
    return errors
  },
  ...specAndNameWarnings<ReplicaSet>(({ spec }) => podWarnings(spec.template, TEMPLATE)),

  table: replicaSetTable,
  subresources: {
    status: statusSubresource<ReplicaSet>({ validate: validateStatus }),
  },
})

function validateReplicaSet({ spec }: ReplicaSet): FieldError[] {
  const errors: FieldError[] = []
  nonNegative(spec.replicas, SPEC.child('replicas'), errors)
  nonNegative(spec.minReadySeconds, SPEC.child('minReadySeconds'), errors)
  // The text has always spoken of deployments here.
  validateWorkloadSelector(spec.selector, 'deployment', SPEC.child('selector'), errors)
  if (isSelectorBroken(spec.selector)) {
    errors.push(invalidValue(SPEC.child('selector'), spec.selector, 'invalid label selector'))
    return errors
  }
  const { template } = spec
  if (!template) return errors
  if (!selectsTemplate(spec.selector, template)) errors.push(templateMismatch(template, TEMPLATE))
  validatePodTemplate(template, TEMPLATE, errors)
  requireRestartAlways(template, TEMPLATE, errors)
  forbidActiveDeadline(template, 'ReplicaSet', TEMPLATE, errors)
  return errors
}

function validateStatus({ status }: ReplicaSet): FieldError[] {
  return replicaCounts(status, {
    counts: [
      'replicas',
      'fullyLabeledReplicas',
      'readyReplicas',
      'availableReplicas',
      'observedGeneration',
      'terminatingReplicas',
    ],
    atMost: [
      ['fullyLabeledReplicas', 'replicas'],
      ['readyReplicas', 'replicas'],
      ['availableReplicas', 'replicas'],
      ['availableReplicas', 'readyReplicas'],
    ],
  })
}
