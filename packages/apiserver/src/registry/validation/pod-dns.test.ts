import { type FieldError, FieldPath, type PodSpec } from '@miniplane/api'
import { describe, expect, it } from 'vitest'
import { validateDnsConfig } from './pod-dns.js'

function faultsOf(spec: Partial<PodSpec>): string[] {
  const errors: FieldError[] = []
  validateDnsConfig(spec as PodSpec, FieldPath.of('dnsConfig'), errors)
  return errors.map(({ field, message }) => `${field}: ${message}`)
}

describe('what a Pod says of DNS', () => {
  it.each(['.', 'example.com.', '_tcp.my_service.default', 'a_b'])('may search %s', (domain) => {
    expect(faultsOf({ dnsConfig: { searches: [domain] } })).toEqual([])
  })

  it('may not search what is no domain, which is shown without the last dot', () => {
    expect(faultsOf({ dnsConfig: { searches: ['A_b.'] } })).toEqual([
      "dnsConfig.searches[0]: Invalid value: \"A_b\": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '_', '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '_?[a-z0-9]([-_a-z0-9]*[a-z0-9])?(\\._?[a-z0-9]([-_a-z0-9]*[a-z0-9])?)*')",
    ])
  })

  it.each<[string, Partial<PodSpec>, string]>([
    ['nothing', {}, 'dnsConfig: Required value: must provide `dnsConfig` when `dnsPolicy` is None'],
    [
      'no servers',
      { dnsConfig: {} },
      'dnsConfig.nameservers: Required value: must provide at least one DNS nameserver when `dnsPolicy` is None',
    ],
  ])('is %s, though the cluster is not to be asked', (_what, spec, fault) => {
    expect(faultsOf({ dnsPolicy: 'None', ...spec })).toEqual([fault])
  })
})
