// Many objects are made in the same second, whose text never changes.
const last = { second: Number.NaN, text: '' }

/** RFC 3339 in UTC with whole seconds, as `metav1.Time` is written. */
export function formatTime(ms: number): string {
  const second = Math.floor(ms / 1000)
  if (second !== last.second) {
    last.text = `${new Date(second * 1000).toISOString().slice(0, 19)}Z`
    last.second = second
  }
  return last.text
}

/** RFC 3339 in UTC with six decimals, as `metav1.MicroTime` is written. */
export function formatMicroTime(ms: number): string {
  // Rounded first: a time with a fraction is rarely exact, and 0.9999999 belongs to the next one.
  const micros = Math.round(ms * 1000)
  const seconds = Math.floor(micros / 1_000_000)
  const fraction = String(micros - seconds * 1_000_000).padStart(6, '0')
  return `${new Date(seconds * 1000).toISOString().slice(0, 19)}.${fraction}Z`
}

/** What Go's time package says of a text that does not fit the layout. */
export class TimeError extends Error {
  override readonly name = 'TimeError'
}

const RFC3339 = '2006-01-02T15:04:05Z07:00'
const MICRO = '2006-01-02T15:04:05.000000Z07:00'
const SHAPE = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(\.\d+)?(Z|([+-])(\d\d):(\d\d))$/

/**
 * RFC 3339 → milliseconds since the epoch, with a fraction below the millisecond kept as far as a
 * double can. Throws `TimeError` with Go's text.
 */
export function parseTime(text: string): number {
  return parseWithLayout(text, RFC3339)
}

/** As `parseTime`, but the fraction must be there, with six digits. */
export function parseMicroTime(text: string): number {
  const parts = SHAPE.exec(text)
  if (parts && parts[7]?.length !== 7) throw layoutError(text, MICRO)
  return parseWithLayout(text, MICRO)
}

function parseWithLayout(text: string, layout: string): number {
  const parts = SHAPE.exec(text)
  if (!parts) throw layoutError(text, layout)
  const [, year, month, day, hour, minute, second, fraction, , sign, zoneHour, zoneMinute] = parts
  checkRange(text, Number(month), 1, 12, 'month')
  checkRange(text, Number(day), 1, daysIn(Number(year), Number(month)), 'day')
  checkRange(text, Number(hour), 0, 23, 'hour')
  checkRange(text, Number(minute), 0, 59, 'minute')
  checkRange(text, Number(second), 0, 59, 'second')
  const utc = Date.UTC(
    2000,
    Number(month) - 1,
    Number(day),
    Number(hour),
    Number(minute),
    Number(second),
  )
  // Date.UTC takes years below 100 for 19xx, so the year is set apart.
  const date = new Date(utc)
  date.setUTCFullYear(Number(year), Number(month) - 1, Number(day))
  const offset = (Number(zoneHour ?? 0) * 60 + Number(zoneMinute ?? 0)) * 60_000
  return date.getTime() - (sign === '-' ? -offset : offset) + Number(`0${fraction ?? ''}`) * 1000
}

function daysIn(year: number, month: number): number {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28
  return [4, 6, 9, 11].includes(month) ? 30 : 31
}

function checkRange(text: string, value: number, min: number, max: number, part: string): void {
  if (value < min || value > max)
    throw new TimeError(`parsing time ${quote(text)}: ${part} out of range`)
}

/** The pieces of a layout in order: what each must match, and how Go names it in the message. */
const PIECES: readonly (readonly [layout: string, shape: RegExp])[] = [
  ['2006', /^\d{4}/],
  ['-', /^-/],
  ['01', /^\d\d/],
  ['-', /^-/],
  ['02', /^\d\d/],
  ['T', /^T/],
  ['15', /^\d\d/],
  [':', /^:/],
  ['04', /^\d\d/],
  [':', /^:/],
  ['05', /^\d\d/],
]

/** `parsing time "x" as "2006-…": cannot parse "x" as "2006"`: up to where the text fits. */
function layoutError(text: string, layout: string): TimeError {
  const start = `parsing time ${quote(text)}`
  const fail = (rest: string, piece: string) =>
    new TimeError(`${start} as "${layout}": cannot parse ${quote(rest)} as "${piece}"`)
  let rest = text
  for (const [piece, shape] of PIECES) {
    const match = shape.exec(rest)
    if (!match) return fail(rest, piece)
    rest = rest.slice(match[0].length)
  }
  const [fraction = ''] = (layout === MICRO ? /^[.,]\d{6}/ : /^[.,]\d+/).exec(rest) ?? []
  if (layout === MICRO && fraction === '') return fail(rest, '.000000')
  rest = rest.slice(fraction.length)
  const zone = /^(Z|[+-]\d\d:\d\d)/.exec(rest)
  if (!zone) return fail(rest, 'Z07:00')
  return new TimeError(`${start}: extra text: ${quote(rest.slice(zone[0].length))}`)
}

/** As Go's time package quotes: bytes that are no printable ASCII stand as numbers. */
function quote(text: string): string {
  const shown = text.replace(/["\\]/g, '\\$&').replace(/[^ -~]/gu, (character) => {
    const bytes = [...new TextEncoder().encode(character)]
    return bytes.map((byte) => `\\x${byte.toString(16).padStart(2, '0')}`).join('')
  })
  return `"${shown}"`
}
