import {
  type FieldError,
  FieldPath,
  invalidValue,
  type Job,
  OMIT_VALUE,
  required,
} from '@miniplane/api'
import { immutableField } from '../validation/immutable.js'
import { replicaCounts } from '../validation/replica-counts.js'

const STATUS = FieldPath.of('status')

const hasCondition = ({ status }: Job, type: string) =>
  status.conditions?.some((one) => one.type === type && one.status === 'True') ?? false

/** A Job's status may not contradict itself, and what has ended stays ended. */
export function validateJobStatus(draft: Job, stored: Job): FieldError[] {
  const errors = replicaCounts(draft.status, {
    counts: ['active', 'succeeded', 'failed', 'ready', 'terminating'],
  })
  validateFinish(draft, stored, errors)
  if (hasCondition(stored, 'Complete') && !hasCondition(draft, 'Complete')) {
    refuseConditions('cannot disable Complete=True condition', errors)
  }
  if (hasCondition(stored, 'Failed') && !hasCondition(draft, 'Failed')) {
    refuseConditions('cannot disable Failed=True condition', errors)
  }
  if (stored.status.startTime && !stored.spec.suspend) {
    const path = STATUS.child('startTime')
    if (!draft.status.startTime) {
      errors.push(required(path, 'startTime cannot be removed for unsuspended job'))
    } else immutableField(draft.status.startTime, stored.status.startTime, path, errors)
  }
  return errors
}

function refuseConditions(detail: string, errors: FieldError[]): void {
  errors.push(invalidValue(STATUS.child('conditions'), OMIT_VALUE, detail))
}

function validateFinish(draft: Job, _stored: Job, errors: FieldError[]): void {
  const isComplete = hasCondition(draft, 'Complete')
  const isFailed = hasCondition(draft, 'Failed')
  const { completionTime, active = 0, terminating = 0, ready = 0 } = draft.status
  const path = STATUS.child('completionTime')
  if (isComplete && !completionTime) {
    errors.push(required(path, 'completionTime is required for Complete jobs'))
  }
  if (!isComplete && completionTime) {
    errors.push(
      invalidValue(
        path,
        completionTime,
        'cannot set completionTime when there is no Complete=True condition',
      ),
    )
  }
  if (isComplete && isFailed) {
    refuseConditions('cannot set Complete=True and Failed=true conditions', errors)
  }
  if (isComplete && !hasCondition(draft, 'SuccessCriteriaMet')) {
    refuseConditions(
      'cannot set Complete=True condition without the SuccessCriteriaMet=true condition',
      errors,
    )
  }
  if (isFailed && !hasCondition(draft, 'FailureTarget')) {
    refuseConditions(
      'cannot set Failed=True condition without the FailureTarget=true condition',
      errors,
    )
  }
  if (!isComplete && !isFailed) return
  for (const [field, value] of [
    ['active', active],
    ['terminating', terminating],
    ['ready', ready],
  ] as const) {
    if (value === 0) continue
    errors.push(invalidValue(STATUS.child(field), value, `${field}>0 is invalid for finished job`))
  }
}
