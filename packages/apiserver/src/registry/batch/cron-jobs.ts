import {
  type CronJob,
  type FieldError,
  FieldPath,
  invalidValue,
  isDns1123Subdomain,
  notSupported,
  required,
} from '@miniplane/api'
import { cronJobTable } from '../columns/workloads.js'
import { setPodTemplateDefaults } from '../defaults/pod-spec.js'
import { statusSubresource } from '../status-rules.js'
import { defineStrategy } from '../strategy.js'
import { nonNegative } from '../validation/numbers.js'
import { oneOf } from '../validation/object-meta.js'
import { desiredState } from '../workload.js'
import { scheduleFault } from './cron-schedule.js'
import { validateJobSpec } from './job-validation.js'

const SPEC = FieldPath.of('spec')
const JOB = SPEC.child('jobTemplate', 'spec')
/** The controller adds eleven characters to name a Job, which is a label of 63. */
const NAME_CHARACTERS_MAX = 52

export const cronJobs = defineStrategy<CronJob>({
  setDefaults({ spec }) {
    setPodTemplateDefaults(spec.jobTemplate?.spec?.template)
    spec.concurrencyPolicy ||= 'Allow'
    spec.suspend ??= false
    spec.successfulJobsHistoryLimit ??= 3
    spec.failedJobsHistoryLimit ??= 1
  },
  ...desiredState<CronJob>(),
  validate({ metadata, spec }) {
    const errors: FieldError[] = []
    const name = metadata.name ?? ''
    if (name.length > NAME_CHARACTERS_MAX && isDns1123Subdomain(name).length === 0) {
      const detail = `must be no more than ${NAME_CHARACTERS_MAX} characters`
      errors.push(invalidValue(FieldPath.of('metadata', 'name'), name, detail))
    }
    return [...errors, ...validateSpec(spec)]
  },
  validateUpdate: ({ spec }) => validateSpec(spec),
  warningsOnCreate: ({ spec }) =>
    /TZ=/.test(spec.schedule)
      ? [
          `cannot use TZ or CRON_TZ in ${SPEC.child('schedule')}, use timeZone instead, see https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/#time-zones for more details`,
        ]
      : [],
  table: cronJobTable,
  subresources: { status: statusSubresource<CronJob>() },
})

function validateSpec(spec: CronJob['spec']): FieldError[] {
  const errors: FieldError[] = []
  validateSchedule(spec, errors)
  nonNegative(spec.startingDeadlineSeconds, SPEC.child('startingDeadlineSeconds'), errors)
  const policies = ['Allow', 'Forbid', 'Replace']
  oneOf(spec.concurrencyPolicy, policies, SPEC.child('concurrencyPolicy'), errors)
  const job = spec.jobTemplate.spec
  errors.push(...validateJobSpec(job, JOB))
  if (job.manualSelector) {
    errors.push(notSupported(JOB.child('manualSelector'), true, ['nil', 'false']))
  }
  nonNegative(spec.successfulJobsHistoryLimit, SPEC.child('successfulJobsHistoryLimit'), errors)
  nonNegative(spec.failedJobsHistoryLimit, SPEC.child('failedJobsHistoryLimit'), errors)
  return errors
}

function validateSchedule({ schedule, timeZone }: CronJob['spec'], errors: FieldError[]): void {
  const path = SPEC.child('schedule')
  if (!schedule) errors.push(required(path, ''))
  else if (schedule.includes('TZ')) {
    const detail = 'cannot use TZ or CRON_TZ in schedule, use timeZone field instead'
    errors.push(invalidValue(path, schedule, detail))
  } else {
    const fault = scheduleFault(schedule)
    if (fault !== undefined) errors.push(invalidValue(path, schedule, fault))
  }
  const fault = timeZone === undefined ? undefined : timeZoneFault(timeZone)
  if (fault !== undefined) errors.push(invalidValue(SPEC.child('timeZone'), timeZone, fault))
}

function timeZoneFault(zone: string): string | undefined {
  if (zone === '') return 'timeZone must be nil or non-empty string'
  if (zone.toLowerCase() === 'local') {
    return 'timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones'
  }
  return isTimeZone(zone) ? undefined : `unknown time zone ${zone}`
}

function isTimeZone(zone: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: zone })
    return true
  } catch (error) {
    if (error instanceof RangeError) return false
    throw error
  }
}
