import { formatTime, parseTime } from '@miniplane/api'
import { describe, expect, it } from 'vitest'
import { parseSchedule, ScheduleError } from './schedule.js'

const next = (schedule: string, from: string, timeZone?: string) => {
  const ms = parseSchedule(schedule, timeZone).next(parseTime(from))
  return ms === undefined ? undefined : formatTime(ms)
}

describe('parseSchedule', () => {
  it.each([
    ['* * * * *', '2026-01-01T00:00:30Z', '2026-01-01T00:01:00Z'],
    ['*/15 * * * *', '2026-01-01T00:15:00Z', '2026-01-01T00:30:00Z'],
    ['0 3 * * *', '2026-01-01T03:00:00Z', '2026-01-02T03:00:00Z'],
    ['30 4 1 * *', '2026-01-31T05:00:00Z', '2026-02-01T04:30:00Z'],
    ['0 0 29 2 *', '2026-01-01T00:00:00Z', '2028-02-29T00:00:00Z'],
    ['0 12 * * mon-fri', '2026-01-02T12:00:00Z', '2026-01-05T12:00:00Z'],
    ['0 0 13 * 5', '2026-03-01T00:00:00Z', '2026-03-06T00:00:00Z'],
    ['5/20 1,13 * JAN *', '2026-01-01T01:45:00Z', '2026-01-01T13:05:00Z'],
    ['@hourly', '2026-01-01T00:10:00Z', '2026-01-01T01:00:00Z'],
    ['@weekly', '2026-01-01T00:00:00Z', '2026-01-04T00:00:00Z'],
    ['@every 1m30s', '2026-01-01T00:00:10Z', '2026-01-01T00:01:40Z'],
    ['0 0 31 2 *', '2026-01-01T00:00:00Z', undefined],
  ])('%s after %s is %s', (schedule, from, is) => {
    expect(next(schedule, from)).toBe(is)
  })

  it.each([
    ['0 9 * * *', 'Europe/Berlin', '2026-07-01T00:00:00Z', '2026-07-01T07:00:00Z'],
    ['0 9 * * *', 'America/New_York', '2026-01-01T15:00:00Z', '2026-01-02T14:00:00Z'],
    ['30 0 * * *', 'Asia/Kolkata', '2026-01-01T00:00:00Z', '2026-01-01T19:00:00Z'],
    // Clocks go from 2:00 to 3:00 on 29 March: half past two comes again the day after.
    ['30 2 * * *', 'Europe/Berlin', '2026-03-28T12:00:00Z', '2026-03-30T00:30:00Z'],
  ])('%s in %s after %s is %s', (schedule, timeZone, from, is) => {
    expect(next(schedule, from, timeZone)).toBe(is)
  })

  it.each(['', '* * * *', '60 * * * *', '5-1 * * * *', 'x * * * *', '*/0 * * * *', '@every x'])(
    'refuses %j',
    (schedule) => {
      expect(() => parseSchedule(schedule)).toThrow(ScheduleError)
    },
  )
})
