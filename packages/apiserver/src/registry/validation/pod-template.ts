import {
  type FieldError,
  FieldPath,
  forbiddenField,
  invalidValue,
  type LabelSelector,
  labelSelectorFrom,
  notSupported,
  type PodTemplateSpec,
  required,
  SelectorError,
} from '@miniplane/api'
import { goMap } from './go-struct.js'
import { isEmptySelector, validateLabelSelector } from './label-selector.js'
import { validateAnnotations, validateLabels } from './object-meta.js'
import { validatePodAnnotations, validateProfilesMatch } from './pod-annotations.js'
import { validatePodSpec } from './pod-spec.js'

const SELECTOR_MISMATCH = '`selector` does not match template `labels`'

export function validatePodTemplate(
  template: PodTemplateSpec,
  path: FieldPath,
  errors: FieldError[],
): void {
  validateTemplateMeta(template, path, errors)
  validatePodSpec(template.spec, path.child('spec'), errors)
  validateProfilesMatch(template.metadata?.annotations, template.spec, path.child('spec'), errors)
  if ((template.spec.ephemeralContainers ?? []).length > 0) {
    const detail = 'ephemeral containers not allowed in pod template'
    errors.push(forbiddenField(path.child('spec', 'ephemeralContainers'), detail))
  }
}

/** The real server's paths have no `metadata` here. */
export function validateTemplateMeta(
  { metadata, spec }: PodTemplateSpec,
  path: FieldPath,
  errors: FieldError[],
): void {
  const at = path.child('annotations')
  validateLabels(metadata?.labels, path.child('labels'), errors)
  validateAnnotations(metadata?.annotations, at, errors)
  if (metadata?.annotations) validatePodAnnotations(metadata, spec, at, errors)
}

/**
 * The selector of a workload: it has to select something, and what the template makes. Returns
 * whether the selector itself was good enough to compare with.
 */
export function validateWorkloadSelector(
  selector: LabelSelector | null | undefined,
  workload: string,
  path: FieldPath,
  errors: FieldError[],
): void {
  if (!selector) {
    errors.push(required(path, ''))
    return
  }
  validateLabelSelector(selector, path, errors)
  if (isEmptySelector(selector)) {
    errors.push(invalidValue(path, selector, `empty selector is invalid for ${workload}`))
  }
}

/** An absent or broken selector matches nothing, so it does not match the template either. */
export function selectsTemplate(
  selector: LabelSelector | null | undefined,
  template: PodTemplateSpec,
): boolean {
  if (!selector) return false
  try {
    return labelSelectorFrom(selector).matches(template.metadata?.labels ?? {})
  } catch (error) {
    // What is wrong with it is said where the selector itself is looked at.
    if (error instanceof SelectorError) return false
    throw error
  }
}

export function templateMismatch(template: PodTemplateSpec, path: FieldPath): FieldError {
  const at = path.child('metadata', 'labels')
  return invalidValue(at, goMap(template.metadata?.labels), SELECTOR_MISMATCH)
}

/** Pods of these workloads are replaced when they end, never by themselves. */
export function requireRestartAlways(
  { spec }: PodTemplateSpec,
  path: FieldPath,
  errors: FieldError[],
): void {
  if (spec.restartPolicy !== 'Always') {
    errors.push(
      notSupported(path.child('spec', 'restartPolicy'), spec.restartPolicy ?? '', ['Always']),
    )
  }
}

/** `workload` as the real server's text names it, which is not always the one at hand. */
export function forbidActiveDeadline(
  { spec }: PodTemplateSpec,
  workload: string,
  path: FieldPath,
  errors: FieldError[],
): void {
  if (spec.activeDeadlineSeconds === undefined) return
  const detail = `activeDeadlineSeconds in ${workload} is not Supported`
  errors.push(forbiddenField(path.child('spec', 'activeDeadlineSeconds'), detail))
}

export const TEMPLATE = FieldPath.of('spec', 'template')
