import {
  duplicate,
  type FieldError,
  FieldPath,
  invalidValue,
  isDns1123Label,
  isQualifiedName,
  type Job,
  type JobSpec,
  labelSelectorFrom,
  notSupported,
  OMIT_VALUE,
  type PodFailurePolicyRule,
  required,
  type SuccessPolicyRule,
  tooLong,
  tooMany,
} from '@miniplane/api'
import { goForm, list, pointer } from '../validation/go-struct.js'
import { isSelectorBroken, validateLabelSelector } from '../validation/label-selector.js'
import { validateDomainPrefixedPath } from '../validation/names.js'
import { nonNegative } from '../validation/numbers.js'
import { oneOf } from '../validation/object-meta.js'
import {
  selectsTemplate,
  templateMismatch,
  validatePodTemplate,
} from '../validation/pod-template.js'
import { parseIndexes } from './index-ranges.js'

const SELECTOR = FieldPath.of('spec', 'selector')
/** The key of the selector that the server makes. */
export const UID_LABEL = 'batch.kubernetes.io/controller-uid'
const NEEDS_INDEXED = 'requires indexed completion mode'
const MANAGER_CHARACTERS_MAX = 63
/** Above it the status could no longer hold every index. */
const INDEXES_MAX = 100_000
const INDEXES_OF_MANY_MAX = 10_000
const INDEXES_TEXT_MAX = 64 * 1024
const RULES_MAX = 20
const EXIT_CODES_MAX = 255
export const successPolicyStruct = {
  Rules: list({ SucceededIndexes: null, SucceededCount: null }),
} as const

export const failurePolicyStruct = {
  Rules: list({
    Action: '',
    OnExitCodes: pointer({ ContainerName: null, Operator: '', Values: null }),
    OnPodConditions: list({ Type: '', Status: '' }),
  }),
} as const

/** A selector that the server makes is the server's alone, and so are the labels it selects. */
export function validateGeneratedSelector({ metadata, spec }: Job): FieldError[] {
  if (spec.manualSelector || !spec.selector) return []
  const errors: FieldError[] = []
  const { uid = '', name = '' } = metadata
  const expected = generatedLabels(uid, name)
  const labels = spec.template.metadata?.labels ?? {}
  const path = FieldPath.of('spec', 'template', 'metadata', 'labels')
  for (const [key, value] of Object.entries(expected)) {
    if (labels[key] === undefined) errors.push(required(path.key(key), `must be '${value}'`))
    else if (labels[key] !== value) {
      errors.push(invalidValue(path.key(key), labels, `must be '${value}'`))
    }
  }
  if (!isSelectorBroken(spec.selector) && !labelSelectorFrom(spec.selector).matches(expected)) {
    errors.push(invalidValue(SELECTOR, spec.selector, '`selector` not auto-generated'))
  }
  return errors
}

/** What the Pods of a Job carry, so that no two Jobs can count each other's. */
export const generatedLabels = (uid: string, name: string): Record<string, string> => ({
  'controller-uid': uid,
  'job-name': name,
  [UID_LABEL]: uid,
  'batch.kubernetes.io/job-name': name,
})

/** The Pod with the last index is named after the Job, and its name is a host's. */
export function validatePodNames({ metadata, spec }: Job): FieldError[] {
  if (spec.completionMode !== 'Indexed' || !spec.completions) return []
  const last = `${metadata.name}-${spec.completions - 1}`
  if (spec.completions < 0 || isDns1123Label(last).length === 0) return []
  const detail = `will not able to create pod with invalid DNS label: ${last}`
  return [invalidValue(FieldPath.of('metadata', 'name'), metadata.name, detail)]
}

/** Whoever made it, the selector has to select the Pods of the Job. */
export function validateSelector(spec: JobSpec, path: FieldPath): FieldError[] {
  const errors: FieldError[] = []
  if (!spec.selector) errors.push(required(path.child('selector'), ''))
  else validateLabelSelector(spec.selector, path.child('selector'), errors)
  if (!isSelectorBroken(spec.selector) && !selectsTemplate(spec.selector, spec.template)) {
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
  if (spec.maxFailedIndexes !== undefined && spec.backoffLimitPerIndex === undefined) {
    errors.push(required(path.child('backoffLimitPerIndex'), 'when maxFailedIndexes is specified'))
  }
  validateManager(spec.managedBy, path.child('managedBy'), errors)
  if (spec.completionMode !== undefined) {
    oneOf(spec.completionMode, ['NonIndexed', 'Indexed'], path.child('completionMode'), errors)
  }
  if (spec.completionMode === 'Indexed') validateIndexedCounts(spec, path, errors)
  if ((spec.completionMode ?? 'NonIndexed') === 'NonIndexed') {
    for (const field of ['backoffLimitPerIndex', 'maxFailedIndexes'] as const) {
      const value = spec[field]
      if (value !== undefined) errors.push(invalidValue(path.child(field), value, NEEDS_INDEXED))
    }
  }
  validateFailurePolicy(spec, path.child('podFailurePolicy'), errors)
  if (spec.successPolicy) {
    const at = path.child('successPolicy')
    const form = goForm(spec.successPolicy, successPolicyStruct)
    if (spec.completionMode === 'Indexed') validateSuccessPolicy(spec, at, errors)
    else errors.push(invalidValue(at, form, NEEDS_INDEXED))
  }
  if (spec.podReplacementPolicy !== undefined) {
    const allowed = spec.podFailurePolicy ? ['Failed'] : ['Failed', 'TerminatingOrFailed']
    oneOf(spec.podReplacementPolicy, allowed, path.child('podReplacementPolicy'), errors)
  }
  validatePodTemplate(spec.template, path.child('template'), errors)
  validateRestartPolicy(spec, path.child('template', 'spec', 'restartPolicy'), errors)
  return errors
}

function validateManager(manager: string | undefined, path: FieldPath, errors: FieldError[]): void {
  if (manager === undefined) return
  validateDomainPrefixedPath(manager, path, errors)
  if (manager.length > MANAGER_CHARACTERS_MAX) {
    errors.push(tooLong(path, manager, MANAGER_CHARACTERS_MAX))
  }
}

function validateRestartPolicy(spec: JobSpec, path: FieldPath, errors: FieldError[]): void {
  const policy = spec.template.spec.restartPolicy
  const allowed = ['OnFailure', 'Never']
  if (!policy || policy === 'Always') {
    errors.push(required(path, 'valid values: "OnFailure", "Never"'))
  } else if (!allowed.includes(policy)) {
    errors.push(notSupported(path, policy, allowed))
  } else if (spec.podFailurePolicy && policy !== 'Never') {
    const detail = 'only "Never" is supported when podFailurePolicy is specified'
    errors.push(invalidValue(path, policy, detail))
  }
}

/** How large a Job may be whose every index is kept in its status. */
function validateIndexedCounts(spec: JobSpec, path: FieldPath, errors: FieldError[]): void {
  const { completions, parallelism = 0, backoffLimitPerIndex, maxFailedIndexes } = spec
  if (completions === undefined) {
    errors.push(required(path.child('completions'), 'when completion mode is Indexed'))
  }
  if (parallelism > INDEXES_MAX) {
    const detail = `must be less than or equal to ${INDEXES_MAX} when completion mode is Indexed`
    errors.push(invalidValue(path.child('parallelism'), parallelism, detail))
  }
  const at = path.child('maxFailedIndexes')
  if (maxFailedIndexes !== undefined) {
    if (completions !== undefined && maxFailedIndexes > completions) {
      errors.push(invalidValue(at, maxFailedIndexes, 'must be less than or equal to completions'))
    }
    if (maxFailedIndexes > INDEXES_MAX) {
      const detail = `must be less than or equal to ${INDEXES_MAX}`
      errors.push(invalidValue(at, maxFailedIndexes, detail))
    }
  }
  if ((completions ?? 0) <= INDEXES_MAX || backoffLimitPerIndex === undefined) return
  const few = `must be less than or equal to ${INDEXES_OF_MANY_MAX} when completions are above ${INDEXES_MAX} and used with backoff limit per index`
  if (maxFailedIndexes === undefined) {
    errors.push(required(at, `must be specified when completions is above ${INDEXES_MAX}`))
  }
  if (parallelism > INDEXES_OF_MANY_MAX) {
    errors.push(invalidValue(path.child('parallelism'), parallelism, few))
  }
  if ((maxFailedIndexes ?? 0) > INDEXES_OF_MANY_MAX) {
    errors.push(invalidValue(at, maxFailedIndexes, few))
  }
}

function validateSuccessPolicy(spec: JobSpec, path: FieldPath, errors: FieldError[]): void {
  const at = path.child('rules')
  const rules = spec.successPolicy?.rules ?? []
  if (rules.length === 0) {
    const detail = 'at least one rules must be specified when the successPolicy is specified'
    errors.push(required(at, detail))
  }
  if (rules.length > RULES_MAX) errors.push(tooMany(at, rules.length, RULES_MAX))
  for (const [i, rule] of rules.entries()) {
    validateSuccessRule(rule, spec.completions ?? 0, at.index(i), errors)
  }
}

function validateSuccessRule(
  { succeededIndexes: indexes, succeededCount: count }: SuccessPolicyRule,
  completions: number,
  path: FieldPath,
  errors: FieldError[],
): void {
  if (count === undefined && indexes === undefined) {
    const detail = 'at least one of succeededCount or succeededIndexes must be specified'
    errors.push(required(path, detail))
  }
  let total = 0
  if (indexes !== undefined) {
    const at = path.child('succeededIndexes')
    if (indexes.length > INDEXES_TEXT_MAX) errors.push(tooLong(at, indexes, INDEXES_TEXT_MAX))
    const parsed = parseIndexes(indexes, completions)
    if ('count' in parsed) total = parsed.count
    else {
      const detail = `error parsing succeededIndexes: ${parsed.fault}`
      errors.push(invalidValue(at, indexes, detail))
    }
  }
  if (count === undefined) return
  const at = path.child('succeededCount')
  nonNegative(count, at, errors)
  const atMost = (max: number, what: string) => {
    const detail = `must be less than or equal to ${max} (${what})`
    if (count > max) errors.push(invalidValue(at, count, detail))
  }
  atMost(completions, 'the number of specified completions')
  if (indexes === undefined) return
  atMost(total, 'the number of indexes in the specified succeededIndexes field')
}

const ACTIONS = ['Count', 'FailIndex', 'FailJob', 'Ignore']

function validateFailurePolicy(spec: JobSpec, path: FieldPath, errors: FieldError[]): void {
  if (!spec.podFailurePolicy) return
  const { containers, initContainers } = spec.template.spec
  const names = new Set([...(containers ?? []), ...(initContainers ?? [])].map(({ name }) => name))
  const rules = spec.podFailurePolicy.rules ?? []
  const at = path.child('rules')
  if (rules.length > RULES_MAX) errors.push(tooMany(at, rules.length, RULES_MAX))
  for (const [i, rule] of rules.entries()) {
    if (rule.action === 'FailIndex' && spec.backoffLimitPerIndex === undefined) {
      const detail = 'requires the backoffLimitPerIndex to be set'
      errors.push(invalidValue(at.index(i).child('action'), rule.action, detail))
    }
    validateFailureRule(rule, names, at.index(i), errors)
  }
}

function validateFailureRule(
  { action, onExitCodes, onPodConditions = [] }: PodFailurePolicyRule,
  containers: ReadonlySet<string>,
  path: FieldPath,
  errors: FieldError[],
): void {
  wordOf(action, ACTIONS, path.child('action'), errors)
  if (onExitCodes) {
    validateExitCodes(onExitCodes, containers, path.child('onExitCodes'), errors)
  }
  validatePodConditions(onPodConditions, path.child('onPodConditions'), errors)
  if (onExitCodes && onPodConditions.length > 0) {
    const detail = 'specifying both OnExitCodes and OnPodConditions is not supported'
    errors.push(invalidValue(path, OMIT_VALUE, detail))
  }
  if (!onExitCodes && onPodConditions.length === 0) {
    const detail = 'specifying one of OnExitCodes and OnPodConditions is required'
    errors.push(invalidValue(path, OMIT_VALUE, detail))
  }
}

function validateExitCodes(
  { containerName, operator, ...given }: NonNullable<PodFailurePolicyRule['onExitCodes']>,
  containers: ReadonlySet<string>,
  path: FieldPath,
  errors: FieldError[],
): void {
  const values = given.values ?? []
  wordOf(operator, ['In', 'NotIn'], path.child('operator'), errors)
  if (containerName !== undefined && !containers.has(containerName)) {
    const detail = 'must be one of the container or initContainer names in the pod template'
    errors.push(invalidValue(path.child('containerName'), containerName, detail))
  }
  const at = path.child('values')
  if (values.length === 0) errors.push(invalidValue(at, values, 'at least one value is required'))
  if (values.length > EXIT_CODES_MAX) errors.push(tooMany(at, values.length, EXIT_CODES_MAX))
  const seen = new Set<number>()
  for (const [i, value] of values.entries()) {
    if (operator === 'In' && value === 0) {
      errors.push(invalidValue(at.index(i), value, 'must not be 0 for the In operator'))
    }
    if (seen.has(value)) errors.push(duplicate(at.index(i), value))
    seen.add(value)
  }
  const isOrdered = values.every((value, i) => i === 0 || (values[i - 1] as number) <= value)
  if (!isOrdered) errors.push(invalidValue(at, values, 'must be ordered'))
}

function validatePodConditions(
  patterns: NonNullable<PodFailurePolicyRule['onPodConditions']>,
  path: FieldPath,
  errors: FieldError[],
): void {
  if (patterns.length > RULES_MAX) errors.push(tooMany(path, patterns.length, RULES_MAX))
  for (const [i, { type, status }] of patterns.entries()) {
    const at = path.index(i)
    for (const fault of isQualifiedName(type)) {
      errors.push(invalidValue(at.child('type'), type, fault))
    }
    wordOf(status, ['False', 'True', 'Unknown'], at.child('status'), errors)
  }
}

/** One of a few words; who gives none is told them all. */
function wordOf(
  value: string | undefined,
  words: readonly string[],
  path: FieldPath,
  errors: FieldError[],
): void {
  const list = words.map((word) => JSON.stringify(word)).join(' ')
  if (!value) errors.push(required(path, `valid values: [${list}]`))
  else oneOf(value, words, path, errors)
}
