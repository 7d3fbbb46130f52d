import {
  type FieldError,
  type FieldPath,
  invalidValue,
  type PodSpec,
  regexMessage,
  required,
} from '@miniplane/api'
import { ipFaults } from './ip.js'

const NAMESERVERS_MAX = 3
const SEARCHES_MAX = 32
const SEARCH_CHARACTERS_MAX = 2048
const DOMAIN_CHARACTERS_MAX = 253
const LABEL = '_?[a-z0-9]([-_a-z0-9]*[a-z0-9])?'
const DOMAIN = `${LABEL}(\\.${LABEL})*`
const DOMAIN_SHAPE = new RegExp(`^${DOMAIN}$`)
const NOT_A_DOMAIN = regexMessage(
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '_', '-' or '.', and must start and end with an alphanumeric character",
  DOMAIN,
  'example.com',
)

/** `dnsConfig` and how it goes with `dnsPolicy`. */
export function validateDnsConfig(
  { dnsConfig, dnsPolicy }: PodSpec,
  path: FieldPath,
  errors: FieldError[],
): void {
  if (dnsPolicy === 'None') {
    if (!dnsConfig) {
      errors.push(required(path, 'must provide `dnsConfig` when `dnsPolicy` is None'))
      return
    }
    if (!dnsConfig.nameservers?.length) {
      const detail = 'must provide at least one DNS nameserver when `dnsPolicy` is None'
      errors.push(required(path.child('nameservers'), detail))
      return
    }
  }
  if (!dnsConfig) return
  const { nameservers = [], searches = [], options = [] } = dnsConfig
  if (nameservers.length > NAMESERVERS_MAX) {
    const detail = `must not have more than ${NAMESERVERS_MAX} nameservers`
    errors.push(invalidValue(path.child('nameservers'), nameservers, detail))
  }
  for (const [i, address] of nameservers.entries()) {
    for (const fault of ipFaults(address)) {
      errors.push(invalidValue(path.child('nameservers').index(i), address, fault))
    }
  }
  validateSearches(searches, path.child('searches'), errors)
  for (const [i, { name }] of options.entries()) {
    if (!name) {
      errors.push(required(path.child('options').index(i), 'must not be empty'))
    }
  }
}

function validateSearches(
  searches: readonly string[],
  path: FieldPath,
  errors: FieldError[],
): void {
  if (searches.length > SEARCHES_MAX) {
    const detail = `must not have more than ${SEARCHES_MAX} search paths`
    errors.push(invalidValue(path, searches, detail))
  }
  if (searches.join(' ').length > SEARCH_CHARACTERS_MAX) {
    const detail = `must not have more than ${SEARCH_CHARACTERS_MAX} characters (including spaces) in the search list`
    errors.push(invalidValue(path, searches, detail))
  }
  for (const [i, search] of searches.entries()) {
    if (search === '.') continue
    const domain = search.replace(/\.$/, '')
    for (const fault of domainFaults(domain))
      errors.push(invalidValue(path.index(i), domain, fault))
  }
}

/** Domains that are searched may have underscores, as the names of services do. */
function domainFaults(domain: string): string[] {
  const errors: string[] = []
  if (domain.length > DOMAIN_CHARACTERS_MAX) {
    errors.push(`must be no more than ${DOMAIN_CHARACTERS_MAX} characters`)
  }
  if (!DOMAIN_SHAPE.test(domain)) errors.push(NOT_A_DOMAIN)
  return errors
}
