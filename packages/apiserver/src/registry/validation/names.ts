import { isDns1123Label, isDns1123Subdomain, maskTrailingDash } from '@miniplane/api'

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
