import { type FieldError, FieldPath, invalidValue, type Job } from '@miniplane/api'
import { jobTable } from '../columns/workloads.js'
import { dropDisabledFields } from '../core/disabled-fields.js'
import { setPodTemplateDefaults } from '../defaults/pod-spec.js'
import { followGeneration } from '../generation.js'
import { sortedMap } from '../sorted-map.js'
import { copyField, statusSubresource } from '../status-rules.js'
import { defineStrategy } from '../strategy.js'
import { type GoStruct, goForm, goMap } from '../validation/go-struct.js'
import { immutableField } from '../validation/immutable.js'
import { INT32_MAX } from '../validation/numbers.js'
import { podSpecForm } from '../validation/pod-go-struct.js'
import { specAndNameWarnings } from '../workload.js'
import { validateJobStatus } from './job-status.js'
import {
  failurePolicyStruct,
  generatedLabels,
  successPolicyStruct,
  UID_LABEL,
  validateGeneratedSelector,
  validateJobSpec,
  validatePodNames,
  validateSelector,
} from './job-validation.js'
import { jobWarnings } from './job-warnings.js'

const SPEC = FieldPath.of('spec')

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
    setFailurePolicyDefaults(spec.podFailurePolicy)
  },
  prepareForCreate(draft) {
    draft.metadata.generation = 1
    dropDisabledFields(draft.spec.template.spec)
    if (!draft.spec.manualSelector) generateSelector(draft)
  },
  setReadDefaults: labelAsTemplate,
  prepareForUpdate(draft, stored) {
    dropDisabledFields(draft.spec.template.spec)
    followGeneration(draft, stored)
    labelAsTemplate(draft)
  },

  validate: validateJob,
  // The real server looks at the spec twice, and names each fault twice.
  validateUpdate: (draft, stored) => [
    ...validateJob(draft),
    ...validateJobSpec(draft.spec, SPEC),
    ...validateSelector(draft.spec, SPEC),
    ...validateFixedFields(draft, stored),
  ],
  ...specAndNameWarnings<Job>(({ spec }) => jobWarnings(spec, SPEC)),

  defaultPropagation: 'Orphan',
  selectableFields: { 'status.successful': ({ status }) => `${status.succeeded ?? 0}` },
  unknownField: (label) => `field label ${JSON.stringify(label)} not supported for Job`,
  table: jobTable,
  // Whoever says nothing may not know that the Pods stay.
  warningsOnDelete: ({ propagationPolicy, orphanDependents }) =>
    propagationPolicy === undefined && orphanDependents === undefined ? [PODS_STAY] : [],
  subresources: {
    status: statusSubresource<Job>({ prepare: labelAsTemplate, validate: validateJobStatus }),
  },
})

/** Who takes all labels away gets those of the Pods. */
function labelAsTemplate({ metadata, spec }: Job): void {
  const { labels } = spec.template.metadata ?? {}
  if (labels && Object.keys(metadata.labels ?? {}).length === 0) metadata.labels = { ...labels }
}

/** Also in the template of a CronJob. */
export function setFailurePolicyDefaults(policy: Job['spec']['podFailurePolicy']): void {
  for (const { onPodConditions } of policy?.rules ?? [])
    for (const pattern of onPodConditions ?? []) pattern.status ||= 'True'
}

function validateJob(job: Job): FieldError[] {
  return [
    ...validateGeneratedSelector(job),
    ...validateJobSpec(job.spec, SPEC),
    ...validateSelector(job.spec, SPEC),
    ...validatePodNames(job),
  ]
}

/** The Pods of a Job carry its uid, so that no two Jobs can count each other's. */
function generateSelector({ metadata, spec }: Job): void {
  const { uid = '', name = '' } = metadata
  spec.template.metadata ??= {}
  const before = spec.template.metadata.labels
  const labels = sortedMap({ ...before, ...generatedLabels(uid, name) })
  spec.template.metadata.labels = labels
  // Of a Job that takes its Pods' labels for its own, defaults made them one map.
  if (before && metadata.labels === before) metadata.labels = labels
  spec.selector ??= {}
  spec.selector.matchLabels = { ...spec.selector.matchLabels, [UID_LABEL]: uid }
}

function validateFixedFields(draft: Job, stored: Job): FieldError[] {
  const errors: FieldError[] = []
  const [after, before] = [draft.spec, stored.spec]
  const fixed = (field: keyof Job['spec'], struct?: GoStruct) => {
    const form = struct && after[field] ? goForm(after[field] as object, struct) : after[field]
    immutableField(after[field], before[field], SPEC.child(field), errors, form)
  }
  if (after.completionMode !== 'Indexed') fixed('completions')
  else if (
    after.completions !== undefined &&
    after.completions !== before.completions &&
    after.completions !== after.parallelism
  ) {
    // An indexed Job may grow and shrink when its Pods do so with it.
    const detail = 'can only be modified in tandem with spec.parallelism'
    errors.push(invalidValue(SPEC.child('completions'), after.completions, detail))
  }
  fixed('selector')
  const template = templateOf(draft, stored)
  const { labels } = template.metadata ?? {}
  const form = {
    ...template.metadata,
    ...(labels && { labels: goMap(labels) }),
    Spec: podSpecForm(template.spec),
  }
  immutableField(template, before.template, SPEC.child('template'), errors, form)
  fixed('completionMode')
  fixed('podFailurePolicy', failurePolicyStruct)
  fixed('backoffLimitPerIndex')
  fixed('managedBy')
  fixed('successPolicy', successPolicyStruct)
  return errors
}

const isSuspended = ({ status }: Job) =>
  status.conditions?.some((one) => one.type === 'Suspended' && one.status === 'True') ?? false

/**
 * Where a suspended Job's Pods go and what they get may be decided as long as it has none. Returns
 * the template with those decisions taken back.
 */
function templateOf(draft: Job, stored: Job): Job['spec']['template'] {
  const { template } = draft.spec
  const isWaiting = !stored.status.startTime || isSuspended(stored)
  if (!stored.spec.suspend || !isWaiting || stored.status.active) return template
  const before = stored.spec.template
  const pod = { ...template.spec }
  for (const field of ['nodeSelector', 'tolerations', 'schedulingGates']) {
    copyField(pod, before.spec, field)
  }
  if (pod.affinity || before.spec.affinity) {
    const affinity = { ...pod.affinity }
    copyField(affinity, before.spec.affinity ?? {}, 'nodeAffinity')
    if (Object.keys(affinity).length === 0 && !before.spec.affinity) delete pod.affinity
    else pod.affinity = affinity
  }
  for (const kind of ['containers', 'initContainers'] as const) {
    const containers = pod[kind]?.map((one, i) => {
      const container = { ...one }
      copyField(container, before.spec[kind]?.[i] ?? {}, 'resources')
      return container
    })
    if (containers) pod[kind] = containers
  }
  const metadata = { ...template.metadata }
  copyField(metadata, before.metadata ?? {}, 'labels')
  copyField(metadata, before.metadata ?? {}, 'annotations')
  return { ...template, metadata, spec: pod }
}
