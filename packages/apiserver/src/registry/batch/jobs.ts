import { type FieldError, FieldPath, type Job } from '@miniplane/api'
import { jobTable } from '../columns/workloads.js'
import { setPodTemplateDefaults } from '../defaults/pod-spec.js'
import { followGeneration } from '../generation.js'
import { copyField, statusSubresource } from '../status-rules.js'
import { defineStrategy } from '../strategy.js'
import { immutableField } from '../validation/immutable.js'
import { INT32_MAX } from '../validation/numbers.js'
import { podWarnings } from '../validation/pod-warnings.js'

import { validateJobStatus } from './job-status.js'
import { validateGeneratedSelector, validateJobSpec, validateSelector } from './job-validation.js'

const SPEC = FieldPath.of('spec')
const UID_LABEL = 'batch.kubernetes.io/controller-uid'
const NAME_LABEL = 'batch.kubernetes.io/job-name'

const PODS_STAY =
  'child pods are preserved by default when jobs are deleted; set propagationPolicy=Background to remove them or set propagationPolicy=Orphan to suppress this warning'

export const jobs = defineStrategy<Job>({
  setDefaults({ metadata, spec }) {
    setPodTemplateDefaults(spec.template)
    const { labels } = spec.template.metadata ?? {}
    // The same map and no copy, so that labels for the Pods become labels of the Job as well.
    if (labels && Object.keys(metadata.labels ?? {}).length === 0) metadata.labels = labels
    if (spec.completions === undefined && spec.parallelism === undefined) spec.completions = 1
    spec.parallelism ??= 1
    spec.backoffLimit ??= spec.backoffLimitPerIndex === undefined ? 6 : INT32_MAX
    spec.completionMode ??= 'NonIndexed'
    spec.suspend ??= false
    spec.podReplacementPolicy ??= spec.podFailurePolicy ? 'Failed' : 'TerminatingOrFailed'
    spec.manualSelector ??= false
    for (const rule of spec.podFailurePolicy?.rules ?? []) {
      for (const pattern of rule.onPodConditions ?? []) pattern.status ||= 'True'
    }
  },
  prepareForCreate(draft) {
    draft.metadata.generation = 1
    if (!draft.spec.manualSelector) generateSelector(draft)
    const { labels } = draft.spec.template.metadata ?? {}
    if (labels && !draft.metadata.labels) draft.metadata.labels = { ...labels }
  },
  prepareForUpdate: (draft, stored) => followGeneration(draft, stored),

  validate: (job) => [
    ...validateGeneratedSelector(job, UID_LABEL),
    ...validateJobSpec(job.spec, SPEC),
    ...validateSelector(job.spec, SPEC),
  ],
  validateUpdate(draft, stored) {
    const spec = [...validateJobSpec(draft.spec, SPEC), ...validateSelector(draft.spec, SPEC)]
    // The real server looks at the spec twice, and names each fault twice.
    return [
      ...validateGeneratedSelector(draft, UID_LABEL),
      ...spec,
      ...spec,
      ...validateFixedFields(draft, stored),
    ]
  },
  warningsOnCreate: ({ spec }) => podWarnings(spec.template, SPEC.child('template')),

  defaultPropagation: 'Orphan',
  selectableFields: { 'status.successful': ({ status }) => `${status.succeeded ?? 0}` },
  table: jobTable,
  // Whoever says nothing may not know that the Pods stay.
  warningsOnDelete: ({ propagationPolicy, orphanDependents }) =>
    propagationPolicy === undefined && orphanDependents === undefined ? [PODS_STAY] : [],
  subresources: { status: statusSubresource<Job>({ validate: validateJobStatus }) },
})

/** The Pods of a Job carry its uid, so that no two Jobs can count each other's. */
function generateSelector({ metadata, spec }: Job): void {
  const { uid = '', name = '' } = metadata
  spec.template.metadata ??= {}
  spec.template.metadata.labels ??= {}
  const ours = { 'controller-uid': uid, 'job-name': name, [UID_LABEL]: uid, [NAME_LABEL]: name }
  Object.assign(spec.template.metadata.labels, ours)
  spec.selector ??= {}
  spec.selector.matchLabels = { ...spec.selector.matchLabels, [UID_LABEL]: uid }
}

function validateFixedFields(draft: Job, stored: Job): FieldError[] {
  const errors: FieldError[] = []
  const [after, before] = [draft.spec, stored.spec]
  const fixed = (field: keyof Job['spec']) =>
    immutableField(after[field], before[field], SPEC.child(field), errors)
  const isIndexed = before.completionMode === 'Indexed'
  // An indexed Job may grow and shrink when its Pods do so with it.
  const isElastic = isIndexed && after.completions === after.parallelism
  if (!isElastic) fixed('completions')
  fixed('selector')
  immutableField(templateOf(draft, stored), before.template, SPEC.child('template'), errors)
  fixed('completionMode')
  fixed('podFailurePolicy')
  fixed('backoffLimitPerIndex')
  fixed('managedBy')
  fixed('successPolicy')
  return errors
}

/** Where a suspended Job's Pods go may still be decided before it first starts. */
function templateOf(draft: Job, stored: Job): unknown {
  const template = draft.spec.template
  if (!stored.spec.suspend || stored.status.startTime) return template
  const pod = { ...template.spec }
  for (const field of ['nodeSelector', 'affinity', 'tolerations', 'schedulingGates']) {
    copyField(pod, stored.spec.template.spec, field)
  }
  const metadata = { ...template.metadata }
  copyField(metadata, stored.spec.template.metadata ?? {}, 'labels')
  copyField(metadata, stored.spec.template.metadata ?? {}, 'annotations')
  return { ...template, metadata, spec: pod }
}
