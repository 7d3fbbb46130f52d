import {
  type FieldError,
  FieldPath,
  forbiddenField,
  invalidValue,
  isDns1123Label,
  type PersistentVolumeClaim,
  required,
  type StatefulSet,
  semanticEqual,
} from '@miniplane/api'
import { statefulSetTable } from '../columns/workloads.js'
import { setPodTemplateDefaults } from '../defaults/pod-spec.js'
import { setClaimSpecDefaults } from '../defaults/volumes.js'
import { copyField, statusSubresource } from '../status-rules.js'
import { defineStrategy } from '../strategy.js'
import { goForm, pointer } from '../validation/go-struct.js'
import { isSelectorBroken } from '../validation/label-selector.js'
import { dnsLabelName } from '../validation/names.js'
import {
  intOrPercentValue,
  nonNegative,
  nonNegativeIntOrPercent,
  notMoreThanHundredPercent,
} from '../validation/numbers.js'
import { oneOf } from '../validation/object-meta.js'
import {
  forbidActiveDeadline,
  requireRestartAlways,
  selectsTemplate,
  TEMPLATE,
  templateMismatch,
  validatePodTemplate,
  validateTemplateMeta,
  validateWorkloadSelector,
} from '../validation/pod-template.js'
import { podWarnings } from '../validation/pod-warnings.js'
import { replicaCounts } from '../validation/replica-counts.js'
import { validateClaimSpec } from '../validation/volume-claims.js'
import { fractionWarnings } from '../validation/volume-warnings.js'
import { specWarnings, templatedState } from '../workload.js'

const SPEC = FieldPath.of('spec')
const rollingUpdateStruct = { Partition: 0, MaxUnavailable: null } as const
const updateStruct = { Type: '', RollingUpdate: pointer(rollingUpdateStruct) } as const
const UPDATABLE = [
  'replicas',
  'ordinals',
  'template',
  'updateStrategy',
  'revisionHistoryLimit',
  'persistentVolumeClaimRetentionPolicy',
  'minReadySeconds',
] as const
const ENDLESS_HISTORY =
  'spec.revisionHistoryLimit: a negative value retains all historical revisions; a value >= 0 is recommended'
const FIXED =
  "updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden"

const templated = templatedState<StatefulSet>(({ spec }) => spec.template)

export const statefulSets = defineStrategy<StatefulSet>({
  setDefaults({ spec }) {
    setPodTemplateDefaults(spec.template)
    spec.podManagementPolicy ||= 'OrderedReady'
    spec.updateStrategy ??= {}
    spec.updateStrategy.type ||= 'RollingUpdate'
    if (spec.updateStrategy.type === 'RollingUpdate') {
      spec.updateStrategy.rollingUpdate ??= {}
      spec.updateStrategy.rollingUpdate.partition ??= 0
    }
    spec.persistentVolumeClaimRetentionPolicy ??= {}
    spec.persistentVolumeClaimRetentionPolicy.whenDeleted ||= 'Retain'
    spec.persistentVolumeClaimRetentionPolicy.whenScaled ||= 'Retain'
    spec.replicas ??= 1
    spec.revisionHistoryLimit ??= 10
    for (const claim of spec.volumeClaimTemplates ?? []) {
      claim.kind = 'PersistentVolumeClaim'
      claim.apiVersion = 'v1'
      setClaimSpecDefaults(claim.spec)
      claim.status ??= {}
      claim.status.phase ||= 'Pending'
    }
  },
  ...templated,
  prepareForCreate(draft, context) {
    dropMaxUnavailable(draft)
    templated.prepareForCreate?.(draft, context)
  },
  prepareForUpdate(draft, stored, context) {
    if (stored.spec.updateStrategy.rollingUpdate?.maxUnavailable === undefined)
      dropMaxUnavailable(draft)
    templated.prepareForUpdate?.(draft, stored, context)
  },
  validateName: dnsLabelName,
  validate: (set) => validateStatefulSet(set, { isNew: true }),
  validateUpdate(draft, stored) {
    // A template that was accepted once may stay as it is.
    const keepsTemplate = validateStatefulSet(stored).length > 0
    const errors = validateStatefulSet(draft, { keepsTemplate })
    const munged = { ...draft.spec }
    for (const field of UPDATABLE) copyField(munged, stored.spec, field)
    if (!semanticEqual(munged, stored.spec)) errors.push(forbiddenField(SPEC, FIXED))
    return errors
  },
  ...specWarnings<StatefulSet>(warningsOf),
  table: statefulSetTable,
  subresources: {
    status: statusSubresource<StatefulSet>({
      validate: ({ status }, stored) =>
        replicaCounts(status, {
          before: stored.status,
          partOf: 'status.',
          counts: [
            'replicas',
            'readyReplicas',
            'currentReplicas',
            'updatedReplicas',
            'availableReplicas',
            'observedGeneration',
            'collisionCount',
          ],
          atMost: [
            ['readyReplicas', 'replicas'],
            ['currentReplicas', 'replicas'],
            ['updatedReplicas', 'replicas'],
            ['availableReplicas', 'replicas'],
            ['availableReplicas', 'readyReplicas'],
          ],
        }),
    }),
  },
})

/** A feature that is off by default. Source: KEP-961. */
function dropMaxUnavailable({ spec }: StatefulSet): void {
  delete spec.updateStrategy.rollingUpdate?.maxUnavailable
}

function warningsOf({ spec }: StatefulSet): string[] {
  const warnings = podWarnings(spec.template, TEMPLATE)
  warnings.push(...(spec.volumeClaimTemplates ?? []).flatMap(claimTemplateWarnings))
  if ((spec.revisionHistoryLimit ?? 0) < 0) warnings.push(ENDLESS_HISTORY)
  return warnings
}

/** The real server's path leaves out that the claim has a spec. */
function claimTemplateWarnings({ spec }: PersistentVolumeClaim, i: number): string[] {
  const at = SPEC.child('volumeClaimTemplates').index(i).child('resources', 'requests')
  return fractionWarnings(spec.resources?.requests?.storage, at.key('storage'))
}

/** Claims and the Service's name, which never change, are looked at in a new object only. */
function validateStatefulSet(
  { spec }: StatefulSet,
  { isNew = false, keepsTemplate = false } = {},
): FieldError[] {
  const errors: FieldError[] = []
  const policy = spec.podManagementPolicy
  if (policy !== 'OrderedReady' && policy !== 'Parallel') {
    const path = SPEC.child('podManagementPolicy')
    if (!policy) errors.push(required(path, ''))
    else errors.push(invalidValue(path, policy, "must be 'OrderedReady' or 'Parallel'"))
  }
  validateUpdateStrategy(spec.updateStrategy, errors)
  const retention = SPEC.child('persistentVolumeClaimRetentionPolicy')
  for (const field of ['whenDeleted', 'whenScaled'] as const) {
    const value = spec.persistentVolumeClaimRetentionPolicy?.[field]
    oneOf(value, ['Retain', 'Delete'], retention.child(field), errors)
  }
  const claims = isNew ? (spec.volumeClaimTemplates ?? []) : []
  for (const [i, claim] of claims.entries()) {
    const path = SPEC.child('volumeClaimTemplates').index(i).child('spec')
    validateClaimSpec(claim.spec, path, errors)
  }
  nonNegative(spec.replicas, SPEC.child('replicas'), errors)
  nonNegative(spec.minReadySeconds, SPEC.child('minReadySeconds'), errors)
  nonNegative(spec.ordinals?.start, SPEC.child('ordinals', 'start'), errors)
  if (isNew && spec.serviceName) {
    for (const fault of isDns1123Label(spec.serviceName)) {
      errors.push(invalidValue(SPEC.child('serviceName'), spec.serviceName, fault))
    }
  }
  validateWorkloadSelector(spec.selector, 'statefulset', SPEC.child('selector'), errors)
  if (isSelectorBroken(spec.selector)) {
    errors.push(invalidValue(SPEC.child('selector'), spec.selector, ''))
  } else if (!selectsTemplate(spec.selector, spec.template)) {
    errors.push(templateMismatch(spec.template, TEMPLATE))
  }
  if (!keepsTemplate) validatePodTemplate(withClaimVolumes(spec), TEMPLATE, errors)
  // The real server looks at these twice.
  validateTemplateMeta(spec.template, TEMPLATE, errors)
  requireRestartAlways(spec.template, TEMPLATE, errors)
  forbidActiveDeadline(spec.template, 'StatefulSet', TEMPLATE, errors)
  return errors
}

/** The template as its Pods get it: a volume for each claim, in place of one of that name. */
function withClaimVolumes({ template, volumeClaimTemplates = [] }: StatefulSet['spec']) {
  const { hostname: _hostname, subdomain: _subdomain, ...pod } = template.spec
  if (volumeClaimTemplates.length === 0) return { ...template, spec: pod }
  const claims = new Map(
    volumeClaimTemplates.map(({ metadata: { name = '' } }) => [
      name,
      { name, persistentVolumeClaim: { claimName: name } },
    ]),
  )
  const others = (pod.volumes ?? []).filter(({ name }) => !claims.has(name))
  return { ...template, spec: { ...pod, volumes: [...claims.values(), ...others] } }
}

function validateUpdateStrategy(
  strategy: StatefulSet['spec']['updateStrategy'],
  errors: FieldError[],
): void {
  const path = SPEC.child('updateStrategy')
  const at = path.child('rollingUpdate')
  const { type, rollingUpdate } = strategy
  if (type === 'RollingUpdate') {
    if (!rollingUpdate) return
    nonNegative(rollingUpdate.partition, at.child('partition'), errors)
    const { maxUnavailable } = rollingUpdate
    nonNegativeIntOrPercent(maxUnavailable, at.child('maxUnavailable'), errors)
    if (maxUnavailable !== undefined && intOrPercentValue(maxUnavailable) === 0) {
      errors.push(invalidValue(at.child('maxUnavailable'), maxUnavailable, 'cannot be 0'))
    }
    notMoreThanHundredPercent(maxUnavailable, at.child('maxUnavailable'), errors)
  } else if (type === 'OnDelete') {
    if (!rollingUpdate) return
    const form = goForm(rollingUpdate, rollingUpdateStruct)
    errors.push(invalidValue(at, form, "only allowed for updateStrategy 'RollingUpdate'"))
  } else {
    const form = goForm(strategy, updateStruct)
    errors.push(invalidValue(path, form, "must be 'RollingUpdate' or 'OnDelete'"))
  }
}
