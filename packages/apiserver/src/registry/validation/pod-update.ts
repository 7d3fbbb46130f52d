import {
  type Container,
  deepCopy,
  type FieldError,
  FieldPath,
  forbiddenField,
  invalidValue,
  type NodeSelectorTerm,
  type Pod,
  type PodSpec,
  required,
  semanticEqual,
  stringifyJson,
} from '@miniplane/api'
import { qosClassOf } from '../core/pod-resources.js'
import { copyField } from '../status-rules.js'
import { type GoStruct, goForm, goMap, list } from './go-struct.js'
import { INT32_MAX } from './numbers.js'
import { ephemeralContainerStruct, podSpecForm } from './pod-go-struct.js'
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
  if (from.schedulingGates?.length) mungePlacement(munged, from, errors)
  if (semanticEqual(munged, from)) return
  const detail = `pod updates may not change fields other than ${UPDATABLE}`
  errors.push(forbiddenField(SPEC, `${detail}\n${goDiff(podSpecForm(from), podSpecForm(munged))}`))
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
  return munged
}

/** Until the last gate is gone nothing has been scheduled, so placement may still be narrowed. */
function mungePlacement(munged: PodSpec, stored: PodSpec, errors: FieldError[]): void {
  const selector = munged.nodeSelector ?? {}
  for (const [key, value] of Object.entries(stored.nodeSelector ?? {})) {
    if (selector[key] === value) continue
    const detail = 'only additions to spec.nodeSelector are allowed (no mutations or deletions)'
    errors.push(invalidValue(SPEC.child('nodeSelector'), goMap(selector), detail))
    break
  }
  copyField(munged, stored, 'nodeSelector')
  const before = stored.affinity?.nodeAffinity
  if (semanticEqual(munged.affinity?.nodeAffinity, before)) return
  validateNarrowedAffinity(munged, stored, errors)
  const others = { ...munged.affinity }
  delete others.nodeAffinity
  if (before) munged.affinity = { ...others, nodeAffinity: before }
  else if (stored.affinity || Object.keys(others).length > 0) munged.affinity = others
  else delete munged.affinity
}

const REQUIRED = 'requiredDuringSchedulingIgnoredDuringExecution'
const requirement = { Key: '', Operator: '', Values: null } as const
const termStruct: GoStruct = { MatchExpressions: list(requirement), MatchFields: list(requirement) }

/** Terms are alternatives: none may come or go, each may ask for more. */
function validateNarrowedAffinity(draft: PodSpec, stored: PodSpec, errors: FieldError[]): void {
  const before = stored.affinity?.nodeAffinity?.[REQUIRED]?.nodeSelectorTerms ?? []
  const after = draft.affinity?.nodeAffinity?.[REQUIRED]?.nodeSelectorTerms ?? []
  const path = SPEC.child('affinity', 'nodeAffinity', REQUIRED, 'nodeSelectorTerms')
  if (before.length > 0 && before.length !== after.length) {
    const detail = 'no additions/deletions to non-empty NodeSelectorTerms list are allowed'
    const form = after.map((term) => goForm(term, termStruct))
    errors.push(invalidValue(path, form.length > 0 ? form : null, detail))
    return
  }
  for (const [i, old] of before.entries()) {
    const now = after[i] ?? {}
    if (asksForMore(now, old)) continue
    const detail = 'only additions are allowed (no mutations or deletions)'
    errors.push(invalidValue(path.index(i), goForm(now, termStruct), detail))
  }
}

function asksForMore(now: NodeSelectorTerm, old: NodeSelectorTerm): boolean {
  const isEmpty = ({ matchExpressions, matchFields }: NodeSelectorTerm) =>
    !matchExpressions?.length && !matchFields?.length
  // A term without requirements selects nothing, and stays so.
  if (isEmpty(old)) return isEmpty(now)
  return (['matchExpressions', 'matchFields'] as const).every((field) =>
    (old[field] ?? []).every((one, j) => semanticEqual(one, now[field]?.[j])),
  )
}

/** The difference of two structs in their internal form, as the real server prints it. */
const goDiff = (before: unknown, after: unknown): string =>
  unifiedDiff(stringifyJson(before, 1), stringifyJson(after, 1))

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
      const diff = goDiff(
        goForm(old, ephemeralContainerStruct),
        goForm(now, ephemeralContainerStruct),
      )
      errors.push(
        forbiddenField(path, `existing ephemeral containers ${name} may not be changed\n${diff}`),
      )
    }
  }
}

export const qosChanged = (draft: Pod, stored: Pod): boolean =>
  (stored.status.qosClass ?? qosClassOf(stored)) !== qosClassOf(draft)
