import {
  type FieldError,
  FieldPath,
  invalidValue,
  isDomainPrefixedPath,
  type Job,
  type JobSpec,
  notSupported,
  type PodFailurePolicyRule,
  required,
  semanticEqual,
} from '@miniplane/api'
import { goForm, list } from '../validation/go-struct.js'
import { validateLabelSelector } from '../validation/label-selector.js'
import { nonNegative } from '../validation/numbers.js'
import { oneOf } from '../validation/object-meta.js'
import {
  selectsTemplate,
  templateMismatch,
  validatePodTemplate,
} from '../validation/pod-template.js'
import { parseIndexes } from './index-ranges.js'

const SELECTOR = FieldPath.of('spec', 'selector')
const NEEDS_INDEXED = 'requires indexed completion mode'
const MANAGER_CHARACTERS_MAX = 63
const PARALLELISM_MAX = 100_000
const successPolicyStruct = {
  Rules: list({ SucceededIndexes: null, SucceededCount: null }),
} as const

/** A selector that the server makes is the server's alone. */
export function validateGeneratedSelector({ metadata, spec }: Job, label: string): FieldError[] {
  if (spec.manualSelector || !spec.selector) return []
  const expected = { matchLabels: { [label]: metadata.uid ?? '' } }
  if (semanticEqual(spec.selector, expected)) return []
  return [invalidValue(SELECTOR, spec.selector, '`selector` not auto-generated')]
}

/** Whoever made it, the selector has to select the Pods of the Job. */
export function validateSelector(spec: JobSpec, path: FieldPath): FieldError[] {
  const errors: FieldError[] = []
  if (!spec.selector) errors.push(required(path.child('selector'), ''))
  else validateLabelSelector(spec.selector, path.child('selector'), errors)
  if (!selectsTemplate(spec.selector, spec.template)) {
    errors.push(templateMismatch(spec.template, path.child('template')))
  }
  return errors
}

const COUNTS = [
  'parallelism',
  'completions',
  'activeDeadlineSeconds',
  'backoffLimit',
  'ttlSecondsAfterFinished',
  'backoffLimitPerIndex',
  'maxFailedIndexes',
] as const

/** The rules for a Job's spec, also in the template of a CronJob. */
export function validateJobSpec(spec: JobSpec, path: FieldPath): FieldError[] {
  const errors: FieldError[] = []
  for (const field of COUNTS) nonNegative(spec[field], path.child(field), errors)
  const { completionMode, managedBy } = spec
  const modes = ['NonIndexed', 'Indexed']
  if (completionMode !== undefined) {
    oneOf(completionMode, modes, path.child('completionMode'), errors)
  }
  validateIndexedFields(spec, path, errors)
  if (spec.podReplacementPolicy !== undefined) {
    const allowed = spec.podFailurePolicy ? ['Failed'] : ['Failed', 'TerminatingOrFailed']
    oneOf(spec.podReplacementPolicy, allowed, path.child('podReplacementPolicy'), errors)
  }
  if (managedBy !== undefined) {
    const at = path.child('managedBy')
    for (const fault of isDomainPrefixedPath(managedBy)) {
      errors.push(invalidValue(at, managedBy, fault))
    }
    if (managedBy.length > MANAGER_CHARACTERS_MAX) {
      errors.push(invalidValue(at, managedBy, 'must be no more than 63 characters'))
    }
  }
  validateFailurePolicy(spec, path.child('podFailurePolicy'), errors)
  validatePodTemplate(spec.template, path.child('template'), errors)
  validateRestartPolicy(spec, path.child('template', 'spec', 'restartPolicy'), errors)
  return errors
}

function validateRestartPolicy(spec: JobSpec, path: FieldPath, errors: FieldError[]): void {
  const policy = spec.template.spec.restartPolicy
  if (policy !== 'OnFailure' && policy !== 'Never') {
    errors.push(required(path, 'valid values: "OnFailure", "Never"'))
  } else if (spec.podFailurePolicy && policy !== 'Never') {
    const detail = 'only "Never" is supported when podFailurePolicy is specified'
    errors.push(invalidValue(path, policy, detail))
  }
}

function validateIndexedFields(spec: JobSpec, path: FieldPath, errors: FieldError[]): void {
  const { completions, parallelism = 0, backoffLimitPerIndex, maxFailedIndexes } = spec
  if (spec.completionMode !== 'Indexed') {
    for (const field of ['backoffLimitPerIndex', 'maxFailedIndexes'] as const) {
      const value = spec[field]
      if (value !== undefined) errors.push(invalidValue(path.child(field), value, NEEDS_INDEXED))
    }
    if (spec.successPolicy) {
      const form = goForm(spec.successPolicy, successPolicyStruct)
      errors.push(invalidValue(path.child('successPolicy'), form, NEEDS_INDEXED))
    }
    return
  }
  if (completions === undefined) {
    errors.push(required(path.child('completions'), 'when completion mode is Indexed'))
  }
  if (parallelism > PARALLELISM_MAX) {
    const detail = `must be less than or equal to ${PARALLELISM_MAX} when completion mode is Indexed`
    errors.push(invalidValue(path.child('parallelism'), parallelism, detail))
  }
  if (maxFailedIndexes !== undefined) {
    if (backoffLimitPerIndex === undefined) {
      errors.push(
        required(path.child('backoffLimitPerIndex'), 'when maxFailedIndexes is specified'),
      )
    }
    if (completions !== undefined && maxFailedIndexes > completions) {
      const detail = 'must be less than or equal to completions'
      errors.push(invalidValue(path.child('maxFailedIndexes'), maxFailedIndexes, detail))
    }
  }
  validateSuccessPolicy(spec, path.child('successPolicy'), errors)
}

function validateSuccessPolicy(spec: JobSpec, path: FieldPath, errors: FieldError[]): void {
  if (!spec.successPolicy) return
  const rules = spec.successPolicy.rules ?? []
  if (rules.length === 0) {
    const detail = 'at least one rules must be specified when the successPolicy is specified'
    errors.push(required(path.child('rules'), detail))
  }
  const completions = spec.completions ?? 0
  for (const [i, { succeededIndexes, succeededCount }] of rules.entries()) {
    const at = path.child('rules').index(i)
    if (succeededCount === undefined && succeededIndexes === undefined) {
      errors.push(
        required(at, 'at least one of succeededCount or succeededIndexes must be specified'),
      )
    }
    let total = completions
    let what = 'the number of specified completions'
    if (succeededIndexes !== undefined) {
      const parsed = parseIndexes(succeededIndexes, completions)
      if ('fault' in parsed) {
        const detail = `error parsing succeededIndexes: ${parsed.fault}`
        errors.push(invalidValue(at.child('succeededIndexes'), succeededIndexes, detail))
        continue
      }
      total = parsed.count
      what = 'the number of indexes in the specified succeededIndexes field'
    }
    if (succeededCount === undefined) continue
    nonNegative(succeededCount, at.child('succeededCount'), errors)
    if (succeededCount > total) {
      const detail = `must be less than or equal to ${total} (${what})`
      errors.push(invalidValue(at.child('succeededCount'), succeededCount, detail))
    }
  }
}

const ACTIONS = ['Count', 'FailIndex', 'FailJob', 'Ignore']

function validateFailurePolicy(spec: JobSpec, path: FieldPath, errors: FieldError[]): void {
  const names = new Set(
    [...(spec.template.spec.containers ?? []), ...(spec.template.spec.initContainers ?? [])].map(
      ({ name }) => name,
    ),
  )
  for (const [i, rule] of (spec.podFailurePolicy?.rules ?? []).entries()) {
    validateFailureRule(rule, names, path.child('rules').index(i), errors)
  }
}

function validateFailureRule(
  { action, onExitCodes, onPodConditions = [] }: PodFailurePolicyRule,
  containers: ReadonlySet<string>,
  path: FieldPath,
  errors: FieldError[],
): void {
  if (!action)
    errors.push(required(path.child('action'), `valid values: ${JSON.stringify(ACTIONS)}`))
  else if (!ACTIONS.includes(action))
    errors.push(notSupported(path.child('action'), action, ACTIONS))
  if (onExitCodes) {
    const at = path.child('onExitCodes')
    const { containerName, operator, values = [] } = onExitCodes
    oneOf(operator, ['In', 'NotIn'], at.child('operator'), errors)
    if (containerName !== undefined && !containers.has(containerName)) {
      const detail = 'must be one of the container or initContainer names in the pod template'
      errors.push(invalidValue(at.child('containerName'), containerName, detail))
    }
    if (values.length === 0) {
      errors.push(invalidValue(at.child('values'), values, 'at least one value is required'))
    }
    for (const [i, value] of values.entries()) {
      if (value !== 0 || operator !== 'In') continue
      const detail = 'must not be 0 for the In operator'
      errors.push(invalidValue(at.child('values').index(i), value, detail))
    }
  }
  for (const [i, { type, status }] of onPodConditions.entries()) {
    const at = path.child('onPodConditions').index(i)
    if (!type) errors.push(required(at.child('type'), ''))
    oneOf(status, ['False', 'True', 'Unknown'], at.child('status'), errors)
  }
  if (onExitCodes && onPodConditions.length > 0) {
    errors.push(
      invalidValue(path, '', 'specifying both OnExitCodes and OnPodConditions is not supported'),
    )
  } else if (!onExitCodes && onPodConditions.length === 0) {
    errors.push(
      invalidValue(path, '', 'specifying one of OnExitCodes and OnPodConditions is required'),
    )
  }
}
