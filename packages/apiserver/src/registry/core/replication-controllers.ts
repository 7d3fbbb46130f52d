import {
  type FieldError,
  FieldPath,
  labelsMatcher,
  type ReplicationController,
  required,
} from '@miniplane/api'
import { replicationControllerTable } from '../columns/workloads.js'
import { setPodTemplateDefaults } from '../defaults/pod-spec.js'
import { statusSubresource } from '../status-rules.js'
import { defineStrategy } from '../strategy.js'
import { dnsSubdomainName, type NameRule } from '../validation/names.js'
import { nonNegative } from '../validation/numbers.js'
import {
  forbidActiveDeadline,
  requireRestartAlways,
  TEMPLATE,
  templateMismatch,
  validatePodTemplate,
} from '../validation/pod-template.js'
import { podNameWarnings, podWarnings } from '../validation/pod-warnings.js'
import { replicaCounts } from '../validation/replica-counts.js'
import { templatedState } from '../workload.js'

const SPEC = FieldPath.of('spec')

/** Rules made from declarations count bytes, and do not look at a `generateName`. */
const subdomainInBytes: NameRule = (name, isPrefix) =>
  isPrefix
    ? []
    : dnsSubdomainName(name, false).map((fault) =>
        fault.replace('no more than 253 characters', 'no more than 253 bytes'),
      )

export const replicationControllers = defineStrategy<ReplicationController>({
  setDefaults({ metadata, spec }) {
    setPodTemplateDefaults(spec.template)
    spec.replicas ??= 1
    const labels = spec.template?.metadata.labels
    if (!labels) return
    if (!spec.selector) spec.selector = { ...labels }
    if (!metadata.labels) metadata.labels = { ...labels }
  },
  ...templatedState<ReplicationController>(({ spec }) => spec.template),
  validateName: subdomainInBytes,
  validate: validateController,
  validateUpdate: (draft) => validateController(draft),
  warningsOnCreate: ({ metadata, spec }) => [
    ...podNameWarnings(metadata),
    ...(spec.template ? podWarnings(spec.template, TEMPLATE) : []),
  ],
  warningsOnUpdate: ({ metadata }, stored) =>
    // The real server takes the two for one another, and warns of what was there before.
    stored.spec.template && metadata.generation !== stored.metadata.generation
      ? podWarnings(stored.spec.template, TEMPLATE)
      : [],
  defaultPropagation: 'Orphan',
  selectableFields: { 'status.replicas': ({ status }) => `${status.replicas ?? 0}` },
  table: replicationControllerTable,
  subresources: {
    status: statusSubresource<ReplicationController>({
      validate: ({ status }) =>
        replicaCounts(status, {
          counts: [
            'replicas',
            'fullyLabeledReplicas',
            'readyReplicas',
            'availableReplicas',
            'observedGeneration',
          ],
          atMost: [
            ['fullyLabeledReplicas', 'replicas'],
            ['readyReplicas', 'replicas'],
            ['availableReplicas', 'replicas'],
            ['availableReplicas', 'readyReplicas'],
          ],
        }),
    }),
  },
})

function validateController({ spec }: ReplicationController): FieldError[] {
  const errors: FieldError[] = []
  nonNegative(spec.minReadySeconds, SPEC.child('minReadySeconds'), errors)
  const selector = spec.selector ?? {}
  if (Object.keys(selector).length === 0) errors.push(required(SPEC.child('selector'), ''))
  nonNegative(spec.replicas, SPEC.child('replicas'), errors)
  const { template } = spec
  if (!template) {
    errors.push(required(TEMPLATE, ''))
    return errors
  }
  const matches = labelsMatcher(selector).matches(template.metadata?.labels ?? {})
  if (Object.keys(selector).length > 0 && !matches)
    errors.push(templateMismatch(template, TEMPLATE))
  validatePodTemplate(template, TEMPLATE, errors)
  requireRestartAlways(template, TEMPLATE, errors)
  forbidActiveDeadline(template, 'ReplicationController', TEMPLATE, errors)
  return errors
}
