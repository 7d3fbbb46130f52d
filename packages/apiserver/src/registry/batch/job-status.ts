import {
  duplicate,
  type FieldError,
  FieldPath,
  invalidValue,
  type Job,
  OMIT_VALUE,
  required,
  semanticEqual,
} from '@miniplane/api'
import { replicaCounts } from '../validation/replica-counts.js'
import { overlappingIndex, parseIndexes } from './index-ranges.js'

const STATUS = FieldPath.of('status')
const CONDITIONS = STATUS.child('conditions')
const TERMINAL = ['Failed', 'Complete', 'FailureTarget']

/** What a status says, as the rules ask. */
class View {
  readonly isComplete: boolean
  readonly isFailed: boolean
  readonly isFailureTarget: boolean
  readonly isSuccess: boolean
  readonly #conditions: ReadonlySet<string>

  constructor({ status }: Job) {
    const isTrue = status.conditions?.filter((one) => one.status === 'True') ?? []
    this.#conditions = new Set(isTrue.map((one) => one.type))
    this.isComplete = this.has('Complete')
    this.isFailed = this.has('Failed')
    this.isFailureTarget = this.has('FailureTarget')
    this.isSuccess = this.has('SuccessCriteriaMet')
  }

  get isFinished(): boolean {
    return this.isComplete || this.isFailed
  }

  has(condition: string): boolean {
    return this.#conditions.has(condition)
  }
}

/**
 * A Job's status may not contradict itself, and what has ended stays ended. What was wrong before
 * and is not touched is let be.
 */
export function validateJobStatus(draft: Job, stored: Job): FieldError[] {
  const errors = replicaCounts(draft.status, {
    counts: ['active', 'succeeded', 'failed', 'ready', 'terminating'],
  })
  validateUncounted(draft, errors)
  const [after, before] = [new View(draft), new View(stored)]
  validateEnd(draft, stored, after, before, errors)
  validateCounts(draft, stored, after, before, errors)
  validateIndexes(draft, stored, errors)
  validatePods(draft, stored, after, before, errors)
  validateSuccess(draft, after, errors)
  validateTransition(draft, stored, after, before, errors)
  return errors
}

const changed = (draft: Job, stored: Job, field: keyof Job['status']) =>
  !semanticEqual(draft.status[field], stored.status[field])

function refuseConditions(detail: string, errors: FieldError[]): void {
  errors.push(invalidValue(CONDITIONS, OMIT_VALUE, detail))
}

function validateUncounted({ status }: Job, errors: FieldError[]): void {
  const seen = new Set<string>()
  for (const kind of ['succeeded', 'failed'] as const) {
    for (const [i, uid] of (status.uncountedTerminatedPods?.[kind] ?? []).entries()) {
      const path = STATUS.child('uncountedTerminatedPods', kind).index(i)
      if (uid === '') errors.push(invalidValue(path, uid, 'must not be empty'))
      else if (seen.has(uid)) errors.push(duplicate(path, uid))
      seen.add(uid)
    }
  }
}

function validateEnd(
  draft: Job,
  stored: Job,
  after: View,
  before: View,
  errors: FieldError[],
): void {
  const { completionTime, startTime } = draft.status
  const path = STATUS.child('completionTime')
  const isCompleteChanged = after.isComplete !== before.isComplete
  const isFailedChanged = after.isFailed !== before.isFailed
  const isTargetChanged = after.isFailureTarget !== before.isFailureTarget
  const isTimeChanged = changed(draft, stored, 'completionTime')
  if ((isCompleteChanged || isFailedChanged) && after.isComplete && after.isFailed) {
    refuseConditions('cannot set Complete=True and Failed=true conditions', errors)
  }
  if ((isCompleteChanged || isTargetChanged) && after.isComplete && after.isFailureTarget) {
    refuseConditions('cannot set Complete=True and FailureTarget=true conditions', errors)
  }
  if (isCompleteChanged || isTimeChanged) {
    if (completionTime && !after.isComplete) {
      const detail = 'cannot set completionTime when there is no Complete=True condition'
      errors.push(invalidValue(path, completionTime, detail))
    } else if (!completionTime && after.isComplete) {
      errors.push(required(path, 'completionTime is required for Complete jobs'))
    }
  }
  if (isTimeChanged || changed(draft, stored, 'startTime')) {
    if (startTime && completionTime && Date.parse(completionTime) < Date.parse(startTime)) {
      const detail = 'must be equal to or after `startTime`'
      errors.push(invalidValue(path, completionTime, detail))
    }
  }
  const isFailureAsked = isFailedChanged || changed(draft, stored, 'failedIndexes')
  if (isFailureAsked && after.isFailed && !after.isFailureTarget) {
    refuseConditions(without('Failed', 'FailureTarget'), errors)
  }
  const isSuccessChanged = after.isSuccess !== before.isSuccess
  if ((isCompleteChanged || isSuccessChanged) && after.isComplete && !after.isSuccess) {
    refuseConditions(without('Complete', 'SuccessCriteriaMet'), errors)
  }
}

const without = (condition: string, needed: string) =>
  `cannot set ${condition}=True condition without the ${needed}=true condition`

function validateCounts(
  draft: Job,
  stored: Job,
  after: View,
  before: View,
  errors: FieldError[],
): void {
  const { status, spec } = draft
  const { active = 0, startTime, uncountedTerminatedPods: pods } = status
  const isFinishedChanged = after.isFinished !== before.isFinished
  const isAsked = (field: keyof Job['status']) =>
    after.isFinished && (isFinishedChanged || changed(draft, stored, field))
  if (isAsked('active') && active > 0) {
    errors.push(finished('active', active))
  }
  const isIdle = spec.suspend === true && spec.completions === 0
  if (isAsked('startTime') && !startTime && !isIdle) {
    errors.push(required(STATUS.child('startTime'), 'startTime is required for finished job'))
  }
  if (isAsked('uncountedTerminatedPods') && (pods?.failed?.length || pods?.succeeded?.length)) {
    const detail = 'must be empty for finished job'
    const form = { Succeeded: pods.succeeded ?? null, Failed: pods.failed ?? null }
    errors.push(invalidValue(STATUS.child('uncountedTerminatedPods'), form, detail))
  }
}

function validatePods(
  draft: Job,
  stored: Job,
  after: View,
  before: View,
  errors: FieldError[],
): void {
  const { active = 0, ready, terminating = 0 } = draft.status
  const isAsked = after.isFinished !== before.isFinished || changed(draft, stored, 'terminating')
  if (isAsked && after.isFinished && terminating > 0) {
    errors.push(finished('terminating', terminating))
  }
  const isReadyAsked = changed(draft, stored, 'ready') || changed(draft, stored, 'active')
  if (isReadyAsked && ready !== undefined && ready > active) {
    const detail = 'cannot set more ready pods than active'
    errors.push(invalidValue(STATUS.child('ready'), ready, detail))
  }
}

const finished = (field: string, value: number) =>
  invalidValue(STATUS.child(field), value, `${field}>0 is invalid for finished job`)

function validateIndexes(draft: Job, stored: Job, errors: FieldError[]): void {
  const { completions, completionMode, backoffLimitPerIndex } = draft.spec
  const { completedIndexes = '', failedIndexes } = draft.status
  const isCompletedChanged = changed(draft, stored, 'completedIndexes')
  const isFailedChanged = changed(draft, stored, 'failedIndexes')
  const completed = STATUS.child('completedIndexes')
  const failed = STATUS.child('failedIndexes')
  if (isCompletedChanged && completions !== undefined) {
    const parsed = parseIndexes(completedIndexes, completions)
    if ('fault' in parsed) {
      const detail = `error parsing completedIndexes: ${parsed.fault}`
      errors.push(invalidValue(completed, completedIndexes, detail))
    }
  }
  const hasLimit = backoffLimitPerIndex !== undefined
  if (isFailedChanged && completions !== undefined && hasLimit && failedIndexes !== undefined) {
    const parsed = parseIndexes(failedIndexes, completions)
    if ('fault' in parsed) {
      const detail = `error parsing failedIndexes: ${parsed.fault}`
      errors.push(invalidValue(failed, failedIndexes, detail))
    }
  }
  if (isCompletedChanged && completedIndexes !== '' && completionMode !== 'Indexed') {
    const detail = 'cannot set non-empty completedIndexes when non-indexed completion mode'
    errors.push(invalidValue(completed, completedIndexes, detail))
  }
  if (failedIndexes === undefined) return
  if (isFailedChanged && !hasLimit) {
    const detail = 'cannot set non-null failedIndexes when backoffLimitPerIndex is null'
    errors.push(invalidValue(failed, failedIndexes, detail))
  }
  if ((isFailedChanged || isCompletedChanged) && completions !== undefined) {
    const both = overlappingIndex(completedIndexes, failedIndexes, completions)
    if (both !== undefined) {
      const detail = `failedIndexes and completedIndexes overlap at index: ${both}`
      errors.push(invalidValue(failed, failedIndexes, detail))
    }
  }
}

function validateSuccess({ spec }: Job, after: View, errors: FieldError[]): void {
  if (after.isSuccess && after.isFailed) {
    refuseConditions('cannot set SuccessCriteriaMet=True and Failed=true conditions', errors)
  }
  if (after.isSuccess && after.isFailureTarget) {
    refuseConditions('cannot set SuccessCriteriaMet=True and FailureTarget=true conditions', errors)
  }
  if (spec.successPolicy && !after.isSuccess && after.isComplete) {
    const detail =
      'cannot set Complete=True for Job with SuccessPolicy unless SuccessCriteriaMet=True'
    refuseConditions(detail, errors)
  }
}

const isFalse = ({ status }: Job, condition: string) =>
  status.conditions?.some((one) => one.type === condition && one.status === 'False') ?? false

function validateTransition(
  draft: Job,
  stored: Job,
  after: View,
  before: View,
  errors: FieldError[],
): void {
  for (const condition of TERMINAL) {
    if (!before.has(condition) || after.has(condition)) continue
    refuseConditions(`cannot disable the terminal ${condition}=True condition`, errors)
  }
  const { completions, parallelism, completionMode, suspend } = draft.spec
  // Who has as many Pods as completions may be made smaller, successes and all.
  const mayShrink = completionMode === 'Indexed' && completions === parallelism
  for (const field of ['failed', 'succeeded'] as const) {
    const [now = 0, once = 0] = [draft.status[field], stored.status[field]]
    if (now >= once || (field === 'succeeded' && mayShrink)) continue
    const detail = `cannot decrease the ${field} counter`
    errors.push(invalidValue(STATUS.child(field), now, detail))
  }
  const { completionTime } = draft.status
  if (completionTime && stored.status.completionTime && changed(draft, stored, 'completionTime')) {
    const path = STATUS.child('completionTime')
    errors.push(invalidValue(path, completionTime, 'field is immutable'))
  }
  const isResuming = before.has('Suspended') && isFalse(draft, 'Suspended')
  const { startTime } = stored.status
  if (startTime && changed(draft, stored, 'startTime') && !suspend && !isResuming) {
    const detail = 'field is immutable for unsuspended job once set'
    errors.push(invalidValue(STATUS.child('startTime'), draft.status.startTime ?? null, detail))
  }
  if (before.isSuccess && !after.isSuccess) {
    refuseConditions('cannot disable the SuccessCriteriaMet=True condition', errors)
  }
  if (before.isComplete && !before.isSuccess && after.isSuccess) {
    const detail = 'cannot set SuccessCriteriaMet=True for Job already has Complete=true conditions'
    refuseConditions(detail, errors)
  }
}
