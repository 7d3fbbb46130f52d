import { zonedTime } from './zoned-time.js'

/** A text that is no schedule. */
export class ScheduleError extends Error {
  override readonly name = 'ScheduleError'
}

interface Field {
  readonly name: string
  readonly min: number
  readonly max: number
  /** Names for values, in order from `min`. */
  readonly names?: readonly string[]
}

const MINUTE: Field = { name: 'minute', min: 0, max: 59 }
const HOUR: Field = { name: 'hour', min: 0, max: 23 }
const DAY: Field = { name: 'day of month', min: 1, max: 31 }
const MONTH: Field = {
  name: 'month',
  min: 1,
  max: 12,
  names: ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'],
}
const WEEKDAY: Field = {
  name: 'day of week',
  min: 0,
  max: 6,
  names: ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'],
}

const SHORTHANDS: Readonly<Record<string, string>> = {
  '@yearly': '0 0 1 1 *',
  '@annually': '0 0 1 1 *',
  '@monthly': '0 0 1 * *',
  '@weekly': '0 0 * * 0',
  '@daily': '0 0 * * *',
  '@midnight': '0 0 * * *',
  '@hourly': '0 * * * *',
}

/** When a CronJob is due. */
export interface Schedule {
  /** The first due time after `ms`; undefined when there is none within five years. */
  next(ms: number): number | undefined
}

/** The five fields of cron, its shorthands, and `@every 90s`. Throws `ScheduleError`. */
export function parseSchedule(text: string, timeZone = 'UTC'): Schedule {
  const every = /^@every (\S+)$/.exec(text.trim())
  if (every) return intervalSchedule(every[1] ?? '')
  const fields = (SHORTHANDS[text.trim()] ?? text).trim().split(/\s+/)
  if (fields.length !== 5) {
    throw new ScheduleError(
      `expected exactly 5 fields, found ${fields.length}: [${fields.join(' ')}]`,
    )
  }
  const [minute = '', hour = '', day = '', month = '', weekday = ''] = fields
  const sets: FieldSets = {
    minutes: parseField(minute, MINUTE),
    hours: parseField(hour, HOUR),
    days: parseField(day, DAY),
    months: parseField(month, MONTH),
    weekdays: parseField(weekday, WEEKDAY),
    anyDay: isAny(day) || isAny(weekday),
  }
  return { next: (ms) => nextTime(sets, ms, timeZone) }
}

interface FieldSets {
  readonly minutes: ReadonlySet<number>
  readonly hours: ReadonlySet<number>
  readonly days: ReadonlySet<number>
  readonly months: ReadonlySet<number>
  readonly weekdays: ReadonlySet<number>
  /** One of the two day fields says `*`: then both must fit, otherwise either. */
  readonly anyDay: boolean
}

const isAny = (text: string): boolean => text.startsWith('*') || text.startsWith('?')

function parseField(text: string, field: Field): Set<number> {
  const values = new Set<number>()
  for (const part of text.split(',')) {
    const [range = '', stepText, ...rest] = part.split('/')
    if (rest.length > 0) throw new ScheduleError(`too many slashes: ${part}`)
    const step = stepText === undefined ? 1 : integer(stepText, field)
    if (step === 0) throw new ScheduleError(`step of range should be a positive number: ${part}`)
    const [first, last] = parseRange(range, stepText !== undefined, field)
    for (let value = first; value <= last; value += step) values.add(value)
  }
  return values
}

function parseRange(text: string, hasStep: boolean, field: Field): [number, number] {
  if (text === '*' || text === '?') return [field.min, field.max]
  const [startText = '', endText, ...rest] = text.split('-')
  if (rest.length > 0) throw new ScheduleError(`too many hyphens: ${text}`)
  const start = integer(startText, field)
  const end = endText === undefined ? (hasStep ? field.max : start) : integer(endText, field)
  if (start < field.min) {
    throw new ScheduleError(`beginning of range (${start}) below minimum (${field.min}): ${text}`)
  }
  if (end > field.max) {
    throw new ScheduleError(`end of range (${end}) above maximum (${field.max}): ${text}`)
  }
  if (start > end) {
    throw new ScheduleError(`beginning of range (${start}) beyond end of range (${end}): ${text}`)
  }
  return [start, end]
}

function integer(text: string, field: Field): number {
  const named = field.names?.indexOf(text.toLowerCase()) ?? -1
  if (named >= 0) return named + field.min
  if (!/^\d+$/.test(text)) throw new ScheduleError(`failed to parse int from ${text}`)
  return Number(text)
}

const UNIT_MS: Readonly<Record<string, number>> = { h: 3_600_000, m: 60_000, s: 1000, ms: 1 }

function intervalSchedule(text: string): Schedule {
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)(ms|h|m|s)/g)]
  if (parts.length === 0 || parts.map(([part]) => part).join('') !== text) {
    throw new ScheduleError(`failed to parse duration @every ${text}`)
  }
  const sumMs = parts.reduce(
    (sum, [, amount = '0', unit = 's']) => sum + Number(amount) * (UNIT_MS[unit] ?? 0),
    0,
  )
  const intervalMs = Math.max(Math.floor(sumMs / 1000) * 1000, 1000)
  return { next: (ms) => Math.floor(ms / 1000) * 1000 + intervalMs }
}

const YEARS_MAX = 5
const HOUR_MS = 3_600_000
const MINUTE_MS = 60_000

/**
 * Goes forward in the largest steps that can't skip a due time: to the next day, hour, minute of
 * the zone's own clock. A local time that a change of the clock leaves out does not come that day.
 */
function nextTime(sets: FieldSets, afterMs: number, timeZone: string): number | undefined {
  let ms = Math.floor(afterMs / MINUTE_MS) * MINUTE_MS + MINUTE_MS
  const lastMs = afterMs + YEARS_MAX * 366 * 24 * HOUR_MS
  while (ms <= lastMs) {
    const local = zonedTime(ms, timeZone)
    if (!sets.months.has(local.month) || !isDay(sets, local)) {
      ms = nextDay(ms, timeZone)
    } else if (!sets.hours.has(local.hour)) ms += HOUR_MS - local.minute * MINUTE_MS
    else if (!sets.minutes.has(local.minute)) ms += MINUTE_MS
    else return ms
  }
  return undefined
}

function isDay(sets: FieldSets, { day, weekday }: { day: number; weekday: number }): boolean {
  const fitsDay = sets.days.has(day)
  const fitsWeekday = sets.weekdays.has(weekday)
  return sets.anyDay ? fitsDay && fitsWeekday : fitsDay || fitsWeekday
}

/** The first minute of the next local day, which may have 23 or 25 hours. */
function nextDay(ms: number, timeZone: string): number {
  const today = zonedTime(ms, timeZone)
  let next = ms + (23 - today.hour) * HOUR_MS + (60 - today.minute) * MINUTE_MS
  while (zonedTime(next, timeZone).day === today.day) next += HOUR_MS
  const { hour, minute } = zonedTime(next, timeZone)
  if (hour > 0 && hour < 12) {
    const earlier = next - hour * HOUR_MS - minute * MINUTE_MS
    if (zonedTime(earlier, timeZone).day !== today.day) next = earlier
  }
  return next
}
