const SECOND = 1000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE

const parts = (large: number, largeUnit: string, small: number, smallUnit: string) =>
  small === 0 ? `${large}${largeUnit}` : `${large}${largeUnit}${small}${smallUnit}`

/**
 * A length of time for people, with two units at most: `45s`, `3m20s`, `5h`, `2d3h`, `400d`. The
 * real server's steps, so that a table's ages read the same.
 */
export function humanDuration(ms: number): string {
  const seconds = Math.trunc(ms / SECOND)
  // Clocks of two machines differ a little: a second into the future is now.
  if (seconds < -1) return '<invalid>'
  if (seconds < 0) return '0s'
  if (seconds < 120) return `${seconds}s`
  const minutes = Math.trunc(ms / MINUTE)
  if (minutes < 10) return parts(minutes, 'm', seconds % 60, 's')
  if (minutes < 180) return `${minutes}m`
  const hours = Math.trunc(ms / HOUR)
  if (hours < 8) return parts(hours, 'h', minutes % 60, 'm')
  if (hours < 48) return `${hours}h`
  const days = Math.trunc(hours / 24)
  if (hours < 192) return parts(days, 'd', hours % 24, 'h')
  if (days < 730) return `${days}d`
  const years = Math.trunc(days / 365)
  if (days < 2920) return parts(years, 'y', days % 365, 'd')
  return `${years}y`
}

/** The age of a timestamp, `<unknown>` when there is none. */
export function ageOf(timestamp: string | null | undefined, nowMs: number): string {
  if (!timestamp) return '<unknown>'
  return humanDuration(nowMs - Date.parse(timestamp))
}
