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
