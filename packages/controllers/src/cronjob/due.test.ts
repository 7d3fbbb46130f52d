import { type CronJob, formatTime, type Job, parseTime } from '@miniplane/api'
import { describe, expect, it } from 'vitest'
import { expiredChildren, reviewChildren } from './children.js'
import { dueNow, isTooLate } from './due.js'
import { parseSchedule } from './schedule.js'

const CREATED = '2026-01-01T00:00:00Z'

const cronJob = (spec: Partial<CronJob['spec']> = {}, status: CronJob['status'] = {}): CronJob => ({
  metadata: { name: 'tick', creationTimestamp: CREATED },
  spec: {
    schedule: '*/10 * * * *',
    jobTemplate: {
      metadata: {},
      spec: { template: { metadata: {}, spec: { containers: [] } } },
    },
    ...spec,
  },
  status,
})

const due = (of: CronJob, now: string) => {
  const found = dueNow(of, parseSchedule(of.spec.schedule), parseTime(now))
  return [found.scheduledMs && formatTime(found.scheduledMs), found.tooManyMissed]
}

describe('dueNow', () => {
  it('is the latest time since the last start', () => {
    expect(due(cronJob(), '2026-01-01T00:09:59Z')).toEqual([undefined, false])
    expect(due(cronJob(), '2026-01-01T00:35:00Z')).toEqual(['2026-01-01T00:30:00Z', false])
    const started = cronJob({}, { lastScheduleTime: '2026-01-01T00:30:00Z' })
    expect(due(started, '2026-01-01T00:39:00Z')).toEqual([undefined, false])
  })

  it('finds the latest after a long sleep, and says that it was one', () => {
    expect(due(cronJob(), '2026-06-01T00:05:00Z')).toEqual(['2026-06-01T00:00:00Z', true])
    const bounded = cronJob({ startingDeadlineSeconds: 600 })
    expect(due(bounded, '2026-06-01T00:05:00Z')).toEqual(['2026-06-01T00:00:00Z', false])
  })

  it('is too late after the starting deadline', () => {
    const bounded = cronJob({ startingDeadlineSeconds: 60 })
    const at = parseTime('2026-01-01T00:10:00Z')
    expect(isTooLate(bounded, at, at + 60_000)).toBe(false)
    expect(isTooLate(bounded, at, at + 61_000)).toBe(true)
    expect(isTooLate(cronJob(), at, at + 9_000_000)).toBe(false)
  })
})

const job = (name: string, end?: 'Complete' | 'Failed', startTime = CREATED): Job => ({
  metadata: { name, uid: name },
  spec: { template: { metadata: {}, spec: { containers: [] } } },
  status: {
    startTime,
    ...(end === 'Complete' ? { completionTime: startTime } : {}),
    conditions: end ? [{ type: end, status: 'True' }] : [],
  },
})

describe('reviewChildren', () => {
  it('takes ended and lost Jobs off the list, and tells of strangers', () => {
    const listed = cronJob({}, { active: [{ uid: 'a' }, { uid: 'b' }, { uid: 'c', name: 'c' }] })
    const { status, news } = reviewChildren(listed, [job('a'), job('b', 'Complete'), job('d')])
    expect(status).toEqual({ active: [{ uid: 'a' }], lastSuccessfulTime: CREATED })
    expect(news).toEqual([
      { is: 'completed', name: 'b', end: 'Complete' },
      { is: 'missing', name: 'c' },
      { is: 'unexpected', name: 'd' },
    ])
  })
})

describe('expiredChildren', () => {
  it('are the oldest of each kind beyond its limit', () => {
    const jobs = [
      job('new', 'Complete', '2026-01-01T03:00:00Z'),
      job('old', 'Complete', '2026-01-01T01:00:00Z'),
      job('failed', 'Failed'),
      job('running'),
    ]
    const of = cronJob({ successfulJobsHistoryLimit: 1, failedJobsHistoryLimit: 0 })
    expect(expiredChildren(of, jobs).map(({ metadata }) => metadata.name)).toEqual([
      'old',
      'failed',
    ])
  })
})
