import { DurationError, parseDuration } from '@miniplane/api'

interface Bounds {
  readonly min: number
  readonly max: number
  readonly names?: readonly string[]
}

const MONTHS = 'jan feb mar apr may jun jul aug sep oct nov dec'.split(' ')
const DAYS = 'sun mon tue wed thu fri sat'.split(' ')
const FIELDS: readonly Bounds[] = [
  { min: 0, max: 59 },
  { min: 0, max: 23 },
  { min: 1, max: 31 },
  { min: 1, max: 12, names: MONTHS },
  { min: 0, max: 6, names: DAYS },
]
const DESCRIPTORS = new Set(
  '@yearly @annually @monthly @weekly @daily @midnight @hourly'.split(' '),
)

/**
 * What is wrong with a cron schedule of five fields or a descriptor, with or without a zone before
 * it, in the parser's words.
 */
export function scheduleFault(text: string): string | undefined {
  let schedule = text
  if (/^(CRON_)?TZ=/.test(text)) {
    const end = text.indexOf(' ')
    const zone = text.slice(text.indexOf('=') + 1, end < 0 ? undefined : end)
    if (zone !== '' && zone !== 'Local' && !isTimeZone(zone)) {
      return `provided bad location ${zone}: unknown time zone ${zone}`
    }
    schedule = end < 0 ? '' : text.slice(end).trim()
  }
  if (schedule.startsWith('@')) return descriptorFault(schedule)
  const fields = schedule.split(/\s+/).filter(Boolean)
  if (fields.length !== FIELDS.length) {
    return `expected exactly ${FIELDS.length} fields, found ${fields.length}: [${fields.join(' ')}]`
  }
  for (const [i, bounds] of FIELDS.entries()) {
    for (const range of (fields[i] as string).split(',').filter(Boolean)) {
      const fault = rangeFault(range, bounds)
      if (fault !== undefined) return fault
    }
  }
  return undefined
}

/**
 * Whether a name is one of the time zone database's. The real server finds a zone as a file, so that
 * its name has one case; here it is known of names that stand for themselves, and that each part of
 * any name begins with a capital.
 */
export function isTimeZone(zone: string): boolean {
  try {
    const { timeZone } = new Intl.DateTimeFormat('en', { timeZone: zone }).resolvedOptions()
    const isOther = timeZone.toLowerCase() !== zone.toLowerCase()
    return zone.split('/').every((part) => /^[A-Z]/.test(part)) && (isOther || timeZone === zone)
  } catch (error) {
    if (error instanceof RangeError) return false
    throw error
  }
}

function descriptorFault(schedule: string): string | undefined {
  if (DESCRIPTORS.has(schedule)) return undefined
  if (!schedule.startsWith('@every ')) return `unrecognized descriptor: ${schedule}`
  try {
    parseDuration(schedule.slice('@every '.length))
    return undefined
  } catch (error) {
    if (!(error instanceof DurationError)) throw error
    return `failed to parse duration ${schedule}: ${error.message}`
  }
}

function rangeFault(range: string, { min, max, names = [] }: Bounds): string | undefined {
  const [ends = '', ...steps] = range.split('/')
  const [low = '', ...rest] = ends.split('-')
  if (rest.length > 1) return `too many hyphens: ${range}`
  if (steps.length > 1) return `too many slashes: ${range}`
  const isStar = low === '*' || low === '?'
  const start = isStar ? min : numberOf(low, min, names)
  if (typeof start === 'string') return start
  const [high] = rest
  let end = isStar ? max : high === undefined ? start : numberOf(high, min, names)
  if (typeof end === 'string') return end
  const [stepText] = steps
  const step = stepText === undefined ? 1 : numberOf(stepText, 0, [])
  if (typeof step === 'string') return step
  // `5/10` means from 5 on.
  if (stepText !== undefined && high === undefined) end = max
  if (start < min) return `beginning of range (${start}) below minimum (${min}): ${range}`
  if (end > max) return `end of range (${end}) above maximum (${max}): ${range}`
  if (start > end) {
    return `beginning of range (${start}) beyond end of range (${end}): ${range}`
  }
  return step === 0 ? `step of range should be a positive number: ${range}` : undefined
}

/** A number or a name, else what is wrong with it. */
function numberOf(text: string, first: number, names: readonly string[]): number | string {
  const at = names.indexOf(text.toLowerCase())
  if (at >= 0) return at + first
  if (/^-[0-9]+$/.test(text)) return `negative number (${text}) not allowed: ${text}`
  if (!/^\+?[0-9]+$/.test(text)) {
    return `failed to parse int from ${text}: strconv.Atoi: parsing ${JSON.stringify(text)}: invalid syntax`
  }
  return Number(text)
}
