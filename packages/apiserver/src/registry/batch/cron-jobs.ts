import {
  type CronJob,
  type FieldError,
  FieldPath,
  invalidValue,
  notSupported,
  required,
} from '@miniplane/api'
import { cronJobTable } from '../columns/workloads.js'
import { setPodTemplateDefaults } from '../defaults/pod-spec.js'
import { statusSubresource } from '../status-rules.js'
import { defineStrategy } from '../strategy.js'
import { nonNegative } from '../validation/numbers.js'
import { oneOf } from '../validation/object-meta.js'
import { specAndNameWarnings, templatedState } from '../workload.js'
import { isTimeZone, scheduleFault } from './cron-schedule.js'
import { validateJobSpec } from './job-validation.js'
import { jobWarnings } from './job-warnings.js'
import { setFailurePolicyDefaults } from './jobs.js'

const SPEC = FieldPath.of('spec')
const JOB = SPEC.child('jobTemplate', 'spec')
const ZONE_IN_SCHEDULE =
  'cannot use TZ or CRON_TZ in spec.schedule, use timeZone instead, see https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/#time-zones for more details'
/** The controller adds eleven characters to name a Job, which is a label of 63. */
const NAME_CHARACTERS_MAX = 52

export const cronJobs = defineStrategy<CronJob>({
  setDefaults({ spec }) {
    setPodTemplateDefaults(spec.jobTemplate?.spec?.template)
    setFailurePolicyDefaults(spec.jobTemplate?.spec?.podFailurePolicy)
    spec.concurrencyPolicy ||= 'Allow'
    spec.suspend ??= false
    spec.successfulJobsHistoryLimit ??= 3
    spec.failedJobsHistoryLimit ??= 1
  },
  ...templatedState<CronJob>(({ spec }) => spec.jobTemplate.spec.template),
  validate({ metadata, spec }) {
    const errors: FieldError[] = []
    const name = metadata.name ?? ''
    if (name.length > NAME_CHARACTERS_MAX) {
      const detail = `must be no more than ${NAME_CHARACTERS_MAX} characters`
      errors.push(invalidValue(FieldPath.of('metadata', 'name'), name, detail))
    }
    return [...validateSpec(spec), ...errors]
  },
  validateUpdate: ({ spec }, stored) => validateSpec(spec, stored.spec),
  ...specAndNameWarnings<CronJob>(({ spec }) => [
    ...jobWarnings(spec.jobTemplate.spec, JOB),
    ...(spec.schedule.includes('TZ') ? [ZONE_IN_SCHEDULE] : []),
  ]),
  table: cronJobTable,
  subresources: { status: statusSubresource<CronJob>() },
})

function validateSpec(spec: CronJob['spec'], stored?: CronJob['spec']): FieldError[] {
  const errors: FieldError[] = []
  validateSchedule(spec, stored?.schedule.includes('TZ') ?? false, errors)
  nonNegative(spec.startingDeadlineSeconds, SPEC.child('startingDeadlineSeconds'), errors)
  if (spec.timeZone !== undefined && spec.timeZone !== stored?.timeZone) {
    for (const fault of timeZoneFaults(spec.timeZone)) {
      errors.push(invalidValue(SPEC.child('timeZone'), spec.timeZone, fault))
    }
  }
  const policies = ['Allow', 'Forbid', 'Replace']
  oneOf(spec.concurrencyPolicy, policies, SPEC.child('concurrencyPolicy'), errors)
  const job = spec.jobTemplate.spec
  errors.push(...validateJobSpec(job, JOB))
  if (job.selector) {
    const detail = '`selector` will be auto-generated'
    errors.push(invalidValue(JOB.child('selector'), job.selector, detail))
  }
  if (job.manualSelector) {
    errors.push(notSupported(JOB.child('manualSelector'), true, ['nil', 'false']))
  }
  nonNegative(spec.successfulJobsHistoryLimit, SPEC.child('successfulJobsHistoryLimit'), errors)
  nonNegative(spec.failedJobsHistoryLimit, SPEC.child('failedJobsHistoryLimit'), errors)
  return errors
}

/** Schedules that name a zone are those of old, and may go on doing so. */
function validateSchedule(
  { schedule, timeZone }: CronJob['spec'],
  mayNameZone: boolean,
  errors: FieldError[],
): void {
  const path = SPEC.child('schedule')
  if (!schedule) {
    errors.push(required(path, ''))
    return
  }
  const fault = scheduleFault(schedule)
  if (fault !== undefined) errors.push(invalidValue(path, schedule, fault))
  if (!schedule.includes('TZ')) return
  if (!mayNameZone) {
    const detail = 'cannot use TZ or CRON_TZ in schedule, use timeZone field instead'
    errors.push(invalidValue(path, schedule, detail))
  } else if (timeZone !== undefined) {
    const detail = 'cannot use both timeZone field and TZ or CRON_TZ in schedule'
    errors.push(invalidValue(path, schedule, detail))
  }
}

function timeZoneFaults(zone: string): string[] {
  if (zone === '') return ['timeZone must be nil or non-empty string']
  const faults: string[] = []
  if (zone.toLowerCase() === 'local') {
    const where = 'https://www.iana.org/time-zones'
    faults.push(`timeZone must be an explicit time zone as defined in ${where}`)
  }
  if (zone !== 'Local' && !isTimeZone(zone)) faults.push(`unknown time zone ${zone}`)
  return faults
}
