import { goQuote } from './go-quote.js'

/** A text that is no Go duration; the message is Go's. */
export class DurationError extends Error {
  override readonly name = 'DurationError'
}

const UNIT_MS: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  μs: 1e-3,
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
}

/** `1h15m30.918s` → milliseconds, with a fraction. Throws `DurationError`. */
export function parseDuration(text: string): number {
  const sign = text.startsWith('-') ? -1 : 1
  let rest = text.replace(/^[+-]/, '')
  if (rest === '0') return 0
  const fail = (what: string) => new DurationError(`time: ${what} duration ${goQuote(text)}`)
  if (rest === '') throw fail('invalid')
  let total = 0
  while (rest !== '') {
    const [whole, number, unit = ''] = /^(\d+\.?\d*|\.\d+)([^\d.]*)/.exec(rest) ?? []
    if (whole === undefined) throw fail('invalid')
    if (unit === '') throw fail('missing unit in')
    const unitMs = UNIT_MS[unit]
    if (unitMs === undefined) throw fail(`unknown unit ${goQuote(unit)} in`)
    total += Number(number) * unitMs
    rest = rest.slice(whole.length)
  }
  return sign * total
}

/** Milliseconds as Go prints a duration: `1h15m30.918s`, `1.5ms`, `0s`. */
export function formatDuration(ms: number): string {
  const nanos = Math.round(Math.abs(ms) * 1e6)
  if (nanos === 0) return '0s'
  const sign = ms < 0 ? '-' : ''
  if (nanos < 1e3) return `${sign}${nanos}ns`
  if (nanos < 1e6) return `${sign}${nanos / 1e3}µs`
  if (nanos < 1e9) return `${sign}${nanos / 1e6}ms`
  const hours = Math.floor(nanos / 3.6e12)
  const minutes = Math.floor((nanos % 3.6e12) / 6e10)
  const seconds = (nanos % 6e10) / 1e9
  const text = hours > 0 ? `${hours}h${minutes}m` : minutes > 0 ? `${minutes}m` : ''
  return `${sign}${text}${seconds}s`
}

/** The same duration as Go would print it. */
export function canonicalDuration(text: string): string {
  return formatDuration(parseDuration(text))
}
