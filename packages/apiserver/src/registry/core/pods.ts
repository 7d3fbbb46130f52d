import { type FieldError, FieldPath, forbiddenField, formatTime, type Pod } from '@miniplane/api'
import { podTable } from '../columns/pods.js'
import { setPodDefaults, setPodSpecDefaults } from '../defaults/pod-spec.js'
import { followGeneration } from '../generation.js'
import { defineStrategy } from '../strategy.js'
import {
  validatePodAnnotations,
  validatePodAnnotationUpdate,
  validateProfilesMatch,
} from '../validation/pod-annotations.js'
import { validatePodOnly, validatePodSpec } from '../validation/pod-spec.js'
import { validatePodUpdate } from '../validation/pod-update.js'
import { hostNameWarnings, podWarnings } from '../validation/pod-warnings.js'
import { copyAppArmor } from './app-armor.js'
import { dropDisabledFields } from './disabled-fields.js'
import { mergeMatchLabelKeys } from './match-label-keys.js'
import { podEviction } from './pod-eviction.js'
import { qosClassOf } from './pod-resources.js'
import { podBinding, podEphemeralContainers, podResize, podStatus } from './pod-subresources.js'

const SPEC = FieldPath.of('spec')
const ANNOTATIONS = FieldPath.of('metadata', 'annotations')
const podIP = ({ status }: Pod) => status.podIPs?.[0]?.ip ?? status.podIP ?? ''
const GATED = 'Scheduling is blocked due to non-empty scheduling gates'

export const pods = defineStrategy<Pod>({
  setDefaults(draft) {
    setPodSpecDefaults(draft.spec)
    setPodDefaults(draft)
    alignPodIPs(draft)
    const { spec } = draft
    if ((spec.terminationGracePeriodSeconds ?? 0) < 0) spec.terminationGracePeriodSeconds = 1
  },

  prepareForCreate(draft, { clock, warn }) {
    draft.metadata.generation = 1
    dropDisabledFields(draft.spec)
    mergeMatchLabelKeys(draft)
    copyAppArmor(draft, (text) => warn?.(text))
    draft.status = { phase: 'Pending', qosClass: qosClassOf(draft) }
    if (draft.spec.schedulingGates?.length) {
      draft.status.conditions = [
        {
          type: 'PodScheduled',
          status: 'False',
          lastProbeTime: null,
          lastTransitionTime: formatTime(clock.now()),
          reason: 'SchedulingGated',
          message: GATED,
        },
      ]
    }
  },
  prepareForUpdate(draft, stored) {
    draft.status = stored.status
    dropDisabledFields(draft.spec)
    followGeneration(draft, stored)
  },

  validate(pod) {
    const errors = validateWhole(pod)
    if (pod.spec.ephemeralContainers?.length) {
      errors.push(forbiddenField(SPEC.child('ephemeralContainers'), 'cannot be set on create'))
    }
    if (pod.spec.nodeName && pod.spec.schedulingGates?.length) {
      const detail = 'cannot be set until all schedulingGates have been cleared'
      errors.push(forbiddenField(SPEC.child('nodeName'), detail))
    }
    validateProfilesMatch(pod.metadata.annotations, pod.spec, SPEC, errors)
    return errors
  },
  validateUpdate(draft, stored) {
    const errors = validateWhole(draft, stored)
    validatePodAnnotationUpdate(draft, stored, ANNOTATIONS, errors)
    validatePodUpdate(draft, stored, errors)
    return errors
  },
  // None on updates: those are many, and seldom a person's.
  warningsOnCreate: (pod) => [
    ...hostNameWarnings(pod.metadata),
    ...podWarnings(pod, FieldPath.root),
  ],

  allowUnconditionalUpdate: true,
  returnsDeletedObject: true,
  gracePeriodSeconds,

  selectableFields: {
    'spec.nodeName': ({ spec }) => spec.nodeName ?? '',
    'spec.restartPolicy': ({ spec }) => spec.restartPolicy ?? '',
    'spec.schedulerName': ({ spec }) => spec.schedulerName ?? '',
    'spec.serviceAccountName': ({ spec }) => spec.serviceAccountName ?? '',
    'spec.hostNetwork': ({ spec }) => `${spec.hostNetwork ?? false}`,
    'status.phase': ({ status }) => status.phase ?? '',
    'status.podIP': podIP,
    // The real server takes this label and never gives it a value.
    'status.podIPs': () => '',
    'status.nominatedNodeName': ({ status }) => status.nominatedNodeName ?? '',
  },
  table: podTable,
  subresources: {
    status: podStatus,
    ephemeralcontainers: podEphemeralContainers,
    resize: podResize,
    binding: podBinding,
    eviction: podEviction,
  },
})

function validateWhole(pod: Pod, stored?: Pod): FieldError[] {
  const errors: FieldError[] = []
  validatePodAnnotations(pod.metadata, pod.spec, ANNOTATIONS, errors, stored?.metadata)
  validatePodSpec(pod.spec, SPEC, errors, pod.metadata.name ?? '')
  validatePodOnly(pod, errors)
  return errors
}

/** The first of `podIPs` is `podIP`; a client may write either. */
function alignPodIPs({ status }: Pod): void {
  if (!status) return
  const first = status.podIPs?.[0]?.ip
  if (status.podIP && status.podIP !== first) status.podIPs = [{ ip: status.podIP }]
  else if (first && !status.podIP) status.podIP = first
}

/** Nobody has to stop a Pod that no node runs, or that has ended. */
function gracePeriodSeconds(stored: Pod, requested: number | undefined): number {
  const { spec, status } = stored
  if (!spec.nodeName || status.phase === 'Failed' || status.phase === 'Succeeded') return 0
  const period = requested ?? spec.terminationGracePeriodSeconds ?? 30
  return period < 0 ? 1 : period
}
