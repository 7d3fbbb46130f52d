import { formatTime } from '@miniplane/api'

/** What the clocks of a time zone show. */
export interface ZonedTime {
  /** From 1. */
  readonly month: number
  readonly day: number
  readonly hour: number
  readonly minute: number
  /** 0 is Sunday. */
  readonly weekday: number
}

/** Throws `RangeError` for a zone that is not known. */
export function zonedTime(ms: number, timeZone: string): ZonedTime {
  const shifted = new Date(ms + offsetMs(ms, timeZone))
  return {
    month: shifted.getUTCMonth() + 1,
    day: shifted.getUTCDate(),
    hour: shifted.getUTCHours(),
    minute: shifted.getUTCMinutes(),
    weekday: shifted.getUTCDay(),
  }
}

export function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en-US', { timeZone: name }) !== undefined
  } catch (error) {
    if (error instanceof RangeError) return false
    throw error
  }
}

/** RFC 3339, by the clocks of the zone. */
export function localTime(ms: number, timeZone: string): string {
  const offset = offsetMs(ms, timeZone)
  if (offset === 0) return formatTime(ms)
  const minutes = Math.abs(Math.trunc(offset / 60_000))
  const two = (number: number) => String(number).padStart(2, '0')
  const text = `${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`
  return formatTime(ms + offset).replace('Z', `${offset < 0 ? '-' : '+'}${text}`)
}

/** RFC 1123 with the zone as a number: `Mon, 02 Jan 2006 15:04:05 +0000`. */
export const mailTime = (ms: number): string => new Date(ms).toUTCString().replace('GMT', '+0000')

const UTC_NAMES: ReadonlySet<string> = new Set(['', 'UTC', 'Etc/UTC'])

function offsetMs(ms: number, timeZone: string): number {
  if (UTC_NAMES.has(timeZone)) return 0
  const format = new Intl.DateTimeFormat('en-US', { timeZone, timeZoneName: 'longOffset' })
  const name = format.formatToParts(ms).find(({ type }) => type === 'timeZoneName')?.value ?? ''
  const parts = /^GMT([+-])(\d\d):(\d\d)(?::(\d\d))?$/.exec(name)
  if (parts === null) return 0
  const [, sign, hours, minutes, seconds = '0'] = parts
  const offset = ((Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds)) * 1000
  return sign === '-' ? -offset : offset
}
