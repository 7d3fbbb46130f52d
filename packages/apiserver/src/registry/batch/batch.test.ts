import type { CronJob, Job } from '@miniplane/api'
import { describe, expect, it } from 'vitest'
import { contextWith, faultsOf } from '../strategy.suite.js'
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
    spec: { template, ...spec },
    status: {},
  }) as Job

it.each([
  ['* * * * *', undefined],
  ['*/5 0-6 1,15 jan-mar MON', undefined],
  ['@hourly', undefined],
  ['@every 5m', undefined],
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

it('a CronJob has a time zone that exists', () => {
  const cronJob = {
    metadata: { name: 'c', namespace: 'default' },
    spec: {
      schedule: '@daily',
      timeZone: 'Mars/Olympus',
      jobTemplate: { metadata: {}, spec: { template } },
    },
    status: {},
  } as CronJob
  expect(faultsOf(cronJobs, cronJob)).toEqual([
    'spec.timeZone: Invalid value: "Mars/Olympus": unknown time zone Mars/Olympus',
  ])
})
