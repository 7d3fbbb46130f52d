import {
  type Container,
  deepCopy,
  type FieldError,
  FieldPath,
  forbiddenField,
  invalidValue,
  type Pod,
  type PodSpec,
  required,
  semanticEqual,
} from '@miniplane/api'
import { qosClassOf } from '../core/pod-resources.js'
import { copyField } from '../status-rules.js'
import { type GoStruct, goForm } from './go-struct.js'
import { INT32_MAX } from './numbers.js'
import { ephemeralContainerStruct, podSpecStruct } from './pod-go-struct.js'
import { validateOnlyAddedTolerations, validateOnlyRemovedGates } from './scheduling.js'
import { unifiedDiff } from './unified-diff.js'

const SPEC = FieldPath.of('spec')
const UPDATABLE =
  '`spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,' +
  '`spec.tolerations` (only additions to existing tolerations),' +
  '`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)'

/**
 * What an update may change of a Pod: images, less time, more tolerations, fewer gates. The checks
 * stop where a difference would make the rest meaningless.
 */
export function validatePodUpdate(draft: Pod, stored: Pod, errors: FieldError[]): void {
  const [from, to] = [stored.spec, draft.spec]
  for (const kind of ['containers', 'initContainers'] as const) {
    if (!validateImages(to[kind] ?? [], from[kind] ?? [], SPEC.child(kind), errors)) return
  }
  if (!validateDeadline(to.activeDeadlineSeconds, from.activeDeadlineSeconds, errors)) return
  validateOnlyAddedTolerations(to.tolerations, from.tolerations, SPEC.child('tolerations'), errors)
  const gates = SPEC.child('schedulingGates')
  validateOnlyRemovedGates(to.schedulingGates, from.schedulingGates, gates, errors)
  if (semanticEqual(to, from)) return
  const munged = withUpdatableFields(to, from)
  if (semanticEqual(munged, from)) return
  const detail = `pod updates may not change fields other than ${UPDATABLE}`
  errors.push(forbiddenField(SPEC, `${detail}\n${goDiff(from, munged, podSpecStruct)}`))
}

function validateImages(
  draft: readonly Container[],
  stored: readonly Container[],
  path: FieldPath,
  errors: FieldError[],
): boolean {
  if (draft.length !== stored.length) {
    errors.push(forbiddenField(path, 'pod updates may not add or remove containers'))
    return false
  }
  for (const [i, { image = '' }] of draft.entries()) {
    const at = path.index(i).child('image')
    if (!image) errors.push(required(at, ''))
    if (image.trim() !== image) {
      errors.push(invalidValue(at, image, 'must not have leading or trailing whitespace'))
    }
  }
  return true
}

function validateDeadline(
  draft: number | undefined,
  stored: number | undefined,
  errors: FieldError[],
): boolean {
  const fault = deadlineFault(draft, stored)
  if (fault === undefined) return true
  errors.push(invalidValue(SPEC.child('activeDeadlineSeconds'), draft ?? null, fault))
  return false
}

function deadlineFault(draft: number | undefined, stored: number | undefined): string | undefined {
  if (draft === undefined) {
    return stored === undefined ? undefined : 'must not update from a positive integer to nil value'
  }
  if (draft < 0 || draft > INT32_MAX) return `must be between 0 and ${INT32_MAX}, inclusive`
  return stored !== undefined && stored < draft
    ? 'must be less than or equal to previous value'
    : undefined
}

/** The new spec with everything that may change put back: what is left is forbidden. */
function withUpdatableFields(draft: PodSpec, stored: PodSpec): PodSpec {
  const munged = deepCopy(draft) as PodSpec
  for (const kind of ['containers', 'initContainers'] as const) {
    for (const [i, container] of (munged[kind] ?? []).entries()) {
      copyField(container, stored[kind]?.[i] ?? {}, 'image')
    }
  }
  for (const field of ['activeDeadlineSeconds', 'tolerations', 'schedulingGates']) {
    copyField(munged, stored, field)
  }
  if (
    (stored.terminationGracePeriodSeconds ?? 0) < 0 &&
    draft.terminationGracePeriodSeconds === 1
  ) {
    copyField(munged, stored, 'terminationGracePeriodSeconds')
  }
  // Until the last gate is gone nothing has been scheduled, so placement may still be narrowed.
  if (stored.schedulingGates?.length) mungePlacement(munged, stored)
  return munged
}

function mungePlacement(munged: PodSpec, stored: PodSpec): void {
  const added = munged.nodeSelector ?? {}
  const kept = Object.entries(stored.nodeSelector ?? {}).every(
    ([key, value]) => added[key] === value,
  )
  if (kept) copyField(munged, stored, 'nodeSelector')
  if (narrowsNodeAffinity(munged, stored)) {
    if (!stored.affinity?.nodeAffinity && munged.affinity) {
      const { nodeAffinity: _, ...rest } = munged.affinity
      if (Object.keys(rest).length === 0 && !stored.affinity) delete munged.affinity
      else munged.affinity = rest
    } else if (munged.affinity && stored.affinity) {
      copyField(munged.affinity, stored.affinity, 'nodeAffinity')
    }
  }
}

const REQUIRED = 'requiredDuringSchedulingIgnoredDuringExecution'

/** Terms are alternatives: none may come or go, each may ask for more. */
function narrowsNodeAffinity(draft: PodSpec, stored: PodSpec): boolean {
  const before = stored.affinity?.nodeAffinity?.[REQUIRED]?.nodeSelectorTerms
  const after = draft.affinity?.nodeAffinity?.[REQUIRED]?.nodeSelectorTerms
  if (!before) return true
  if (!after || after.length !== before.length) return false
  return before.every((term, i) => {
    const now = after[i]
    const isKept = (field: 'matchExpressions' | 'matchFields') =>
      (term[field] ?? []).every((one, j) => semanticEqual(one, now?.[field]?.[j]))
    return isKept('matchExpressions') && isKept('matchFields')
  })
}

/** The difference of two structs as the real server prints it: their internal form as JSON. */
export function goDiff(before: object, after: object, struct: GoStruct): string {
  const text = (value: object) => JSON.stringify(goForm(flattened(value), struct), null, 1)
  return unifiedDiff(text(before), text(after))
}

/** Internally the host's namespaces belong to the security context. */
function flattened(value: object): object {
  const spec = value as PodSpec
  if (!('containers' in value)) return value
  const { hostNetwork, hostPID, hostIPC, shareProcessNamespace, hostUsers } = spec
  const context = {
    ...spec.securityContext,
    hostNetwork,
    hostPID,
    hostIPC,
    shareProcessNamespace,
    hostUsers,
  }
  return { ...spec, securityContext: context }
}

/** Through `ephemeralcontainers` some may be added; those there already stay as they are. */
export function validateEphemeralUpdate(draft: Pod, stored: Pod, errors: FieldError[]): void {
  const path = SPEC.child('ephemeralContainers')
  const before = stored.spec.ephemeralContainers ?? []
  const after = draft.spec.ephemeralContainers ?? []
  for (const old of before) {
    const now = after.find(({ name }) => name === old.name)
    const name = JSON.stringify(old.name)
    if (!now) {
      errors.push(
        forbiddenField(path, `existing ephemeral containers ${name} may not be removed\n`),
      )
    } else if (!semanticEqual(now, old)) {
      const diff = goDiff(old, now, ephemeralContainerStruct)
      errors.push(
        forbiddenField(path, `existing ephemeral containers ${name} may not be changed\n${diff}`),
      )
    }
  }
}

export const qosChanged = (draft: Pod, stored: Pod): boolean =>
  (stored.status.qosClass ?? qosClassOf(stored)) !== qosClassOf(draft)
