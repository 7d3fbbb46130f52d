import { parseTime } from '@miniplane/api'
import { expect, it } from 'vitest'
import { localTime, mailTime } from './zoned-time.js'

const ms = parseTime('2026-01-05T23:30:00Z')

it.each([
  ['UTC', '2026-01-05T23:30:00Z'],
  ['Etc/UTC', '2026-01-05T23:30:00Z'],
  ['Asia/Tokyo', '2026-01-06T08:30:00+09:00'],
  ['America/St_Johns', '2026-01-05T20:00:00-03:30'],
])('the clocks of %s show %s', (timeZone, text) => {
  expect(localTime(ms, timeZone)).toBe(text)
  expect(parseTime(text)).toBe(ms)
})

it('writes times as mail does', () => {
  expect(mailTime(ms)).toBe('Mon, 05 Jan 2026 23:30:00 +0000')
})
