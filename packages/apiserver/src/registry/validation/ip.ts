import { type FieldError, type FieldPath, invalidValue, ipFamilyOf } from '@miniplane/api'
import { hasHostBits } from './cidr.js'

const NO_IP = 'must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)'
const NO_CIDR = 'must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)'

/** What is wrong with an address; any spelling of it does. Empty or one. */
export function ipFaults(value: string): string[] {
  if (hasLeadingZeros(value)) return ['must not have leading 0s']
  if (ipFamilyOf(value) === 0) return [NO_IP]
  return isMapped(value) ? ['must not be an IPv4-mapped IPv6 address'] : []
}

/** The same for a CIDR, which moreover has to name a network and no address in it. */
export function cidrFaults(value: string): string[] {
  const [address = '', length = '', ...rest] = value.split('/')
  const isOctal = hasLeadingZeros(address)
  const family = isOctal ? 4 : ipFamilyOf(address)
  const bits = /^[0-9]+$/.test(length) ? Number(length) : Number.NaN
  const isInRange = family !== 0 && bits <= (family === 4 ? 32 : 128)
  if (rest.length > 0 || !isInRange) return [NO_CIDR]
  if (isOctal || length !== `${bits}`) return ['must not have leading 0s in IP or prefix length']
  if (isMapped(address)) return ['must not have an IPv4-mapped IPv6 address']
  return hasHostBits(value) ? ['must not have bits set beyond the prefix length'] : []
}

/** An address in newer fields, where only one spelling does. */
export function canonicalIPFaults(value: string): string[] {
  const faults = ipFaults(value)
  return faults.length > 0 ? faults : unlessEqual(value, canonicalIP(value))
}

export function validateCanonicalCidr(value: string, path: FieldPath, errors: FieldError[]): void {
  const faults = cidrFaults(value)
  if (faults.length === 0) faults.push(...unlessEqual(value, canonicalCidr(value)))
  for (const fault of faults) errors.push(invalidValue(path, value, fault))
}

const unlessEqual = (value: string, canonical: string) =>
  value === canonical ? [] : [`must be in canonical form (${JSON.stringify(canonical)})`]

/** Spellings that are taken and that clients compare to no avail. */
export function ipWarnings(value: string, path: FieldPath): string[] {
  const better = hasLeadingZeros(value) ? withoutLeadingZeros(value) : mappedAddress(value)
  if (better !== undefined) {
    const [shown, use] = [JSON.stringify(value), JSON.stringify(better)]
    return [`${path}: non-standard IP address ${shown} is invalid: use ${use}`]
  }
  return spellingWarnings('IPv6 address', value, canonicalIP, path)
}

export function cidrWarnings(value: string, path: FieldPath): string[] {
  return spellingWarnings('IPv6 CIDR value', value, canonicalCidr, path)
}

function spellingWarnings(
  what: string,
  value: string,
  canonical: (value: string) => string,
  path: FieldPath,
): string[] {
  // Who writes something else is told of the fault.
  if (ipFamilyOf(value.split('/')[0] ?? '') !== 6 || canonical(value) === value) return []
  const [shown, better] = [JSON.stringify(value), JSON.stringify(canonical(value))]
  return [`${path}: ${what} ${shown} should be in RFC 5952 canonical format (${better})`]
}

/** `010.0.0.1`, which some read as octal and others as decimal. */
function hasLeadingZeros(value: string): boolean {
  const plain = withoutLeadingZeros(value)
  return value.split('.').length === 4 && plain !== value && ipFamilyOf(plain) === 4
}

const withoutLeadingZeros = (value: string) =>
  value
    .split('.')
    .map((part) => part.replace(/^0+(?=[0-9])/, ''))
    .join('.')

/** The address of four numbers that a mapped one stands for. */
function mappedAddress(value: string): string | undefined {
  if (ipFamilyOf(value) !== 6 || !isMapped(value)) return undefined
  const numbers = canonicalIP(value)
    .slice('::ffff:'.length)
    .split(':')
    .map((part) => Number.parseInt(part, 16))
  return numbers.flatMap((number) => [number >> 8, number & 255]).join('.')
}

const isMapped = (value: string) => value.includes(':') && canonicalIP(value).startsWith('::ffff:')

/** Addresses of four numbers have one form; URLs know that of the longer ones. */
const canonicalIP = (value: string) =>
  value.includes(':') ? new URL(`http://[${value}]`).hostname.slice(1, -1) : value

function canonicalCidr(value: string): string {
  const [address = '', length = ''] = value.split('/')
  return `${canonicalIP(address)}/${length}`
}
