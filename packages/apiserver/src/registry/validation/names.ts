import {
  type FieldError,
  type FieldPath,
  invalidValue,
  isDns1123Label,
  isDns1123Subdomain,
  maskTrailingDash,
  regexMessage,
  required,
} from '@miniplane/api'

/**
 * Says what is wrong with a name; with `isPrefix` it is a `generateName`, whose last dashes do not
 * count, since a suffix follows them.
 */
export type NameRule = (name: string, isPrefix: boolean) => string[]

const rule =
  (check: (value: string) => string[]): NameRule =>
  (name, isPrefix) =>
    check(isPrefix ? maskTrailingDash(name) : name)

export const dnsSubdomainName = rule(isDns1123Subdomain)
export const dnsLabelName = rule(isDns1123Label)

/** What may stand between two slashes of a URL: names of roles and bindings. */
export const pathSegmentName: NameRule = (name, isPrefix) => {
  if (!isPrefix && name === '.') return ["may not be '.'"]
  if (!isPrefix && name === '..') return ["may not be '..'"]
  return ['/', '%'].filter((bad) => name.includes(bad)).map((bad) => `may not contain '${bad}'`)
}

/** `example.com/name`: faults show the half that is wrong. */
export function validateDomainPrefixedPath(
  value: string,
  path: FieldPath,
  errors: FieldError[],
): void {
  if (value === '') {
    errors.push(required(path, ''))
    return
  }
  const slash = value.indexOf('/')
  const [host, rest] = [value.slice(0, slash), value.slice(slash + 1)]
  if (slash <= 0 || rest === '') {
    const detail = 'must be a domain-prefixed path (such as "acme.io/foo")'
    errors.push(invalidValue(path, value, detail))
    return
  }
  for (const fault of isDns1123Subdomain(host)) errors.push(invalidValue(path, host, fault))
  if (!new RegExp(`^${HTTP_PATH}$`).test(rest)) {
    errors.push(invalidValue(path, rest, regexMessage('Invalid path', HTTP_PATH)))
  }
}

const HTTP_PATH = "[A-Za-z0-9/\\-._~%!$&'()*+,;=:]+"
