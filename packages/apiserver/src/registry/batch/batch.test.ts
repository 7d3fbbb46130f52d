import type { CronJob, Job } from '@miniplane/api'
import { describe, expect, it } from 'vitest'
import { contextWith, faultsOf, updateFaultsOf } from '../strategy.suite.js'
import { cronJobs } from './cron-jobs.js'
import { scheduleFault } from './cron-schedule.js'
import { parseIndexes } from './index-ranges.js'
import { jobs } from './jobs.js'

const template = {
  metadata: {},
  spec: { restartPolicy: 'Never', containers: [{ name: 'c', image: 'i:1', resources: {} }] },
}
const job = (spec: object): Job =>
  ({
    metadata: { name: 'j', namespace: 'default', uid: 'u' },
    spec: { template: structuredClone(template), ...spec },
    status: {},
  }) as Job
/** What is wrong with a new Job, once the server has made its selector. */
function createFaults(draft: Job): string[] {
  jobs.setDefaults?.(draft)
  jobs.prepareForCreate?.(draft, contextWith())
  return faultsOf(jobs, draft)
}

it.each([
  ['* * * * *', undefined],
  ['*/5 0-6 1,15 jan-mar MON', undefined],
  ['@hourly', undefined],
  ['@every 5m', undefined],
  ['@every -1h', undefined],
  ['@every 1d', 'failed to parse duration @every 1d: time: unknown unit "d" in duration "1d"'],
  ['TZ=UTC 0 * * * *', undefined],
  ['CRON_TZ=Mars/X 0 * * * *', 'provided bad location Mars/X: unknown time zone Mars/X'],
  ['@often', 'unrecognized descriptor: @often'],
  ['* * *', 'expected exactly 5 fields, found 3: [* * *]'],
  ['60 * * * *', 'end of range (60) above maximum (59): 60'],
  ['5-1 * * * *', 'beginning of range (5) beyond end of range (1): 5-1'],
  ['*/0 * * * *', 'step of range should be a positive number: */0'],
  ['x * * * *', 'failed to parse int from x: strconv.Atoi: parsing "x": invalid syntax'],
])('the schedule %s: %s', (schedule, fault) => {
  expect(scheduleFault(schedule)).toBe(fault)
})

it.each([
  ['0,2-3', { count: 3 }],
  ['', { count: 0 }],
  ['3-1', { fault: 'non-increasing order, previous: 3, current: 1' }],
  ['9', { fault: 'too large index: "9"' }],
])('the indexes %s of 5', (text, result) => {
  expect(parseIndexes(text, 5)).toEqual(result)
})

describe('a Job', () => {
  it('selects its own Pods by its uid', () => {
    const draft = job({})
    jobs.setDefaults?.(draft)
    jobs.prepareForCreate?.(draft, contextWith())
    expect(draft.spec.selector).toEqual({
      matchLabels: { 'batch.kubernetes.io/controller-uid': 'u' },
    })
    expect(draft.spec.template.metadata.labels).toMatchObject({
      'batch.kubernetes.io/job-name': 'j',
    })
    expect(jobs.validate?.(draft, contextWith())).toEqual([])
  })

  it.each([
    ['both absent', {}, 1, 1],
    ['completions only', { completions: 3 }, 3, 1],
    ['parallelism only', { parallelism: 4 }, undefined, 4],
  ])('has counts by default: %s', (_what, spec, completions, parallelism) => {
    const draft = job(spec)
    jobs.setDefaults?.(draft)
    expect([draft.spec.completions, draft.spec.parallelism]).toEqual([completions, parallelism])
  })
})

const indexed = { completionMode: 'Indexed', completions: 3, parallelism: 1 }
const exits = (values: number[], more: object = {}) => ({
  podFailurePolicy: {
    rules: [{ action: 'FailJob', onExitCodes: { operator: 'In', values, ...more } }],
  },
})

it.each<[string, object, string[]]>([
  [
    'more failures than indexes',
    { ...indexed, maxFailedIndexes: 4 },
    [
      'spec.backoffLimitPerIndex: Required value: when maxFailedIndexes is specified',
      'spec.maxFailedIndexes: Invalid value: 4: must be less than or equal to completions',
    ],
  ],
  [
    'very many indexes with a limit each',
    { ...indexed, completions: 200_000, parallelism: 20_000, backoffLimitPerIndex: 1 },
    [
      'spec.maxFailedIndexes: Required value: must be specified when completions is above 100000',
      'spec.parallelism: Invalid value: 20000: must be less than or equal to 10000 when completions are above 100000 and used with backoff limit per index',
    ],
  ],
  [
    'exit codes twice and out of order',
    exits([3, 1, 3]),
    [
      'spec.podFailurePolicy.rules[0].onExitCodes.values[2]: Duplicate value: 3',
      'spec.podFailurePolicy.rules[0].onExitCodes.values: Invalid value: [3,1,3]: must be ordered',
    ],
  ],
  [
    'a rule that says nothing',
    { podFailurePolicy: { rules: [{}] } },
    [
      'spec.podFailurePolicy.rules[0].action: Required value: valid values: ["Count" "FailIndex" "FailJob" "Ignore"]',
      'spec.podFailurePolicy.rules[0]: Invalid value: specifying one of OnExitCodes and OnPodConditions is required',
    ],
  ],
  [
    'a failing index without a limit',
    {
      podFailurePolicy: {
        rules: [{ action: 'FailIndex', onPodConditions: [{ type: '', status: 'Maybe' }] }],
      },
    },
    [
      'spec.podFailurePolicy.rules[0].action: Invalid value: "FailIndex": requires the backoffLimitPerIndex to be set',
      'spec.podFailurePolicy.rules[0].onPodConditions[0].type: Invalid value: "": name part must be non-empty',
      "spec.podFailurePolicy.rules[0].onPodConditions[0].type: Invalid value: \"\": name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')",
      'spec.podFailurePolicy.rules[0].onPodConditions[0].status: Unsupported value: "Maybe": supported values: "False", "True", "Unknown"',
    ],
  ],
  [
    'success of more than there is',
    { ...indexed, successPolicy: { rules: [{ succeededIndexes: '0-1', succeededCount: 4 }] } },
    [
      'spec.successPolicy.rules[0].succeededCount: Invalid value: 4: must be less than or equal to 3 (the number of specified completions)',
      'spec.successPolicy.rules[0].succeededCount: Invalid value: 4: must be less than or equal to 2 (the number of indexes in the specified succeededIndexes field)',
    ],
  ],
])('a Job with %s is refused', (_what, spec, faults) => {
  expect(createFaults(job(spec))).toEqual(faults)
})

it('a Job whose last Pod could have no host name is refused', () => {
  const draft = job(indexed)
  draft.metadata.name = 'x'.repeat(62)
  expect(createFaults(draft)).toEqual([
    `metadata.name: Invalid value: "${'x'.repeat(62)}": will not able to create pod with invalid DNS label: ${'x'.repeat(62)}-2`,
  ])
})

const statusFaults = (before: object, after: object, spec: object = {}) =>
  jobs.subresources?.status
    ?.validateUpdate?.(
      { ...job(spec), status: after } as Job,
      { ...job(spec), status: before } as Job,
      contextWith(),
    )
    .map(({ field, message }) => `${field}: ${message}`)

const conditions = (...types: string[]) => types.map((type) => ({ type, status: 'True' }))
const [early, late] = ['2026-01-01T00:00:00Z', '2026-01-02T00:00:00Z']

it.each<[string, object, object, object, string[]]>([
  [
    'completes at once',
    { startTime: early, active: 1 },
    { startTime: early, active: 1, conditions: conditions('Complete') },
    {},
    [
      'status.completionTime: Required value: completionTime is required for Complete jobs',
      'status.conditions: Invalid value: cannot set Complete=True condition without the SuccessCriteriaMet=true condition',
      'status.active: Invalid value: 1: active>0 is invalid for finished job',
    ],
  ],
  [
    'ends well',
    { startTime: early, active: 1, conditions: conditions('SuccessCriteriaMet') },
    {
      startTime: early,
      completionTime: late,
      conditions: conditions('SuccessCriteriaMet', 'Complete'),
    },
    {},
    [],
  ],
  [
    'takes back what it counted',
    { startTime: early, failed: 2, succeeded: 2, conditions: conditions('FailureTarget') },
    { startTime: early, failed: 1, succeeded: 1 },
    {},
    [
      'status.conditions: Invalid value: cannot disable the terminal FailureTarget=True condition',
      'status.failed: Invalid value: 1: cannot decrease the failed counter',
      'status.succeeded: Invalid value: 1: cannot decrease the succeeded counter',
    ],
  ],
  [
    'ends before it began, with Pods that nobody counted',
    { startTime: early },
    {
      startTime: late,
      completionTime: early,
      terminating: 1,
      uncountedTerminatedPods: { failed: ['u'] },
      conditions: conditions('SuccessCriteriaMet', 'Complete'),
    },
    {},
    [
      `status.completionTime: Invalid value: "${early}": must be equal to or after \`startTime\``,
      'status.uncountedTerminatedPods: Invalid value: {"Succeeded":null,"Failed":["u"]}: must be empty for finished job',
      'status.terminating: Invalid value: 1: terminating>0 is invalid for finished job',
      `status.startTime: Invalid value: "${late}": field is immutable for unsuspended job once set`,
    ],
  ],
  [
    'goes on begins anew',
    { startTime: early, conditions: conditions('Suspended') },
    { startTime: late, conditions: [{ type: 'Suspended', status: 'False' }] },
    {},
    [],
  ],
  [
    'names an index twice',
    {},
    { completedIndexes: '0,2', failedIndexes: '1-2' },
    { ...indexed, backoffLimitPerIndex: 1 },
    [
      'status.failedIndexes: Invalid value: "1-2": failedIndexes and completedIndexes overlap at index: 2',
    ],
  ],
])('a Job that %s', (_what, before, after, spec, faults) => {
  expect(statusFaults(before, after, spec)).toEqual(faults)
})

it('a fixed field of a Job is shown as the server holds it', () => {
  const draft = job({ podFailurePolicy: { rules: [] }, podReplacementPolicy: 'Failed' })
  expect(updateFaultsOf(jobs, draft, job({}))).toContain(
    'spec.podFailurePolicy: Invalid value: {"Rules":[]}: field is immutable',
  )
})

it('the labels of a new Job, those of its Pods, come when it is read: nobody checks them', () => {
  const draft = job({})
  jobs.prepareForCreate?.(draft, contextWith())
  expect(draft.metadata.labels).toBeUndefined()
  jobs.setReadDefaults?.(draft)
  expect(draft.metadata.labels).toEqual(draft.spec.template.metadata?.labels)
})

it('a Job whose status is written gets back the labels of its Pods', () => {
  const stored = job({ template: { ...template, metadata: { labels: { a: 'b' } } } })
  const draft = structuredClone(stored)
  delete draft.metadata.labels
  jobs.subresources?.status?.prepareForUpdate?.(draft, stored, contextWith())
  expect(draft.metadata.labels).toEqual({ a: 'b' })
})

it.each<[string, string[]]>([
  ['Mars/Olympus', ['unknown time zone Mars/Olympus']],
  ['europe/berlin', ['unknown time zone europe/berlin']],
  ['etc/utc', ['unknown time zone etc/utc']],
  ['Etc/UTC', []],
  ['US/Pacific', []],
  ['', ['timeZone must be nil or non-empty string']],
  [
    'local',
    [
      'timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones',
      'unknown time zone local',
    ],
  ],
])('the time zone of a CronJob, %j, is a name of the database', (timeZone, faults) => {
  const cronJob = {
    metadata: { name: 'c', namespace: 'default' },
    spec: {
      schedule: '@daily',
      timeZone,
      jobTemplate: { metadata: {}, spec: { template } },
    },
    status: {},
  } as CronJob
  expect(faultsOf(cronJobs, cronJob)).toEqual(
    faults.map((fault) => `spec.timeZone: Invalid value: ${JSON.stringify(timeZone)}: ${fault}`),
  )
})
