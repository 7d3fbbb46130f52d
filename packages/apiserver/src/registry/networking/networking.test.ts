import type { Ingress, IngressClass, IPAddress, NetworkPolicy, ServiceCIDR } from '@miniplane/api'
import { describe, expect, it } from 'vitest'
import { contextWith, faultsOf, updateFaultsOf } from '../strategy.suite.js'
import { ipAddresses, serviceCidrs } from './addresses.js'
import { ingressClasses } from './ingress-classes.js'
import { ingresses } from './ingresses.js'
import { networkPolicies } from './network-policies.js'

it.each<[string, string | undefined]>([
  ['10.0.0.1', undefined],
  ['2001:db8::1', undefined],
  ['010.0.0.1', 'must not have leading 0s'],
  ['2001:DB8:0::1', 'must be in canonical form ("2001:db8::1")'],
  ['::ffff:10.0.0.1', 'must not be an IPv4-mapped IPv6 address'],
  ['x', 'must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)'],
])('an IPAddress named %s: %s', (name, fault) => {
  expect(ipAddresses.validateName?.(name, false)).toEqual(fault === undefined ? [] : [fault])
})

it('an IPAddress belongs to something', () => {
  const parentRef = { group: 'B_', resource: 'a/b', name: '', namespace: 'n' }
  const faults = faultsOf(ipAddresses, { spec: { parentRef } } as unknown as IPAddress)
  expect(faults.map((fault) => fault.split(': ').slice(0, 2).join(': '))).toEqual([
    'spec.parentRef.group: Invalid value',
    'spec.parentRef.resource: Invalid value',
    'spec.parentRef.name: Required value',
  ])
})

it.each<[string[], string[]]>([
  [['10.0.0.0/16', '2001:db8::/64'], []],
  [
    ['10.0.0.1/16'],
    [
      'spec.cidrs[0]: Invalid value: "10.0.0.1/16": must not have bits set beyond the prefix length',
    ],
  ],
  [
    ['2001:db8::1/64'],
    [
      'spec.cidrs[0]: Invalid value: "2001:db8::1/64": must not have bits set beyond the prefix length',
    ],
  ],
  [
    ['2001:db8:0::/64'],
    [
      'spec.cidrs[0]: Invalid value: "2001:db8:0::/64": must be in canonical form ("2001:db8::/64")',
    ],
  ],
  [
    ['10.0.0.0/016'],
    [
      'spec.cidrs[0]: Invalid value: "10.0.0.0/016": must not have leading 0s in IP or prefix length',
    ],
  ],
  [
    ['10.0.0.0/33'],
    [
      'spec.cidrs[0]: Invalid value: "10.0.0.0/33": must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)',
    ],
  ],
])('the ServiceCIDR %s', (cidrs, faults) => {
  expect(faultsOf(serviceCidrs, { spec: { cidrs } } as unknown as ServiceCIDR)).toEqual(faults)
})

it.each<[string[], string[], string[]]>([
  [
    ['10.0.0.0/16'],
    ['10.1.0.0/16'],
    ['spec.cidrs[0]: Invalid value: "10.1.0.0/16": field is immutable'],
  ],
  [['10.0.0.0/16'], ['10.0.0.0/16', '2001:db8::/64'], []],
  [
    ['10.0.0.0/16'],
    ['10.0.0.0/16', '10.1.0.0/16'],
    [
      'spec.cidrs: Invalid value: ["10.0.0.0/16","10.1.0.0/16"]: may specify no more than one IP for each IP family, i.e 192.168.0.0/24 and 2001:db8::/64',
    ],
  ],
  [
    ['10.0.0.0/16', '2001:db8::/64'],
    ['10.0.0.0/16'],
    ['spec.cidrs: Invalid value: ["10.0.0.0/16"]: field is immutable'],
  ],
])('the ServiceCIDR %s becomes %s', (before, after, faults) => {
  const [old, draft] = [{ spec: { cidrs: before } }, { spec: { cidrs: after } }]
  expect(updateFaultsOf(serviceCidrs, draft, old)).toEqual(faults)
})

it('a block of addresses is read on when it has but host bits', () => {
  const ipBlock = { cidr: '10.0.0.1/8', except: ['11.0.0.1/16'] }
  const spec = { podSelector: {}, ingress: [{ from: [{ ipBlock }] }] }
  const path = 'spec.ingress[0].from[0].ipBlock'
  expect(faultsOf(networkPolicies, { spec } as unknown as NetworkPolicy)).toEqual([
    `${path}.cidr: Invalid value: "10.0.0.1/8": must not have bits set beyond the prefix length`,
    `${path}.except[0]: Invalid value: "11.0.0.1/16": must not have bits set beyond the prefix length`,
    `${path}.except[0]: Invalid value: "11.0.0.1/16": must be a strict subset of \`cidr\``,
  ])
})

it('a block of addresses that is spelled oddly is taken with a warning', () => {
  const ipBlock = { cidr: '2001:DB8::/32' }
  const spec = { podSelector: {}, egress: [{ to: [{ ipBlock }] }] }
  expect(networkPolicies.warningsOnCreate?.({ spec } as unknown as NetworkPolicy)).toEqual([
    'spec.egress[0].to[0].ipBlock.cidr: IPv6 CIDR value "2001:DB8::/32" should be in RFC 5952 canonical format ("2001:db8::/32")',
  ])
})

it.each<[object, string[]]>([
  [
    { port: 90, endPort: 80 },
    ['endPort: Invalid value: 90: must be greater than or equal to `port`'],
  ],
  [
    { port: 90, endPort: 70000 },
    ['endPort: Invalid value: 70000: must be between 1 and 65535, inclusive'],
  ],
  [
    { port: 'http', endPort: 80 },
    ['endPort: Invalid value: 80: may not be specified when `port` is non-numeric'],
  ],
  [
    { endPort: 80 },
    ['endPort: Invalid value: 80: may not be specified when `port` is not specified'],
  ],
])('the port %j of a NetworkPolicy', (port, faults) => {
  const policy = { spec: { podSelector: {}, egress: [{ ports: [port] }] } }
  expect(faultsOf(networkPolicies, policy as unknown as NetworkPolicy)).toEqual(
    faults.map((fault) => `spec.egress[0].ports[0].${fault}`),
  )
})

describe('an IngressClass', () => {
  const classOf = (controller: string, parameters?: object) =>
    ({ metadata: { name: 'c' }, spec: { controller, parameters } }) as IngressClass
  const long = `example.com/${'a'.repeat(250)}`

  it.each<[string, IngressClass, string[]]>([
    ['a host in capitals', classOf('A.com/x'), ['spec.controller: Invalid value: "A.com"']],
    ['a bad path', classOf('a.com/x y'), ['spec.controller: Invalid value: "x y"']],
    ['a long name', classOf(long), ['spec.controller: Too long: may not be more than 250 bytes']],
    [
      'parameters without names',
      classOf('a.com/x', { apiGroup: 'g', scope: 'Namespace', namespace: 'A' }),
      [
        'spec.parameters.kind: Required value',
        'spec.parameters.name: Required value',
        'spec.parameters.namespace: Invalid value: "A"',
      ],
    ],
  ])('with %s', (_what, one, faults) => {
    const found = faultsOf(ingressClasses, one)
    expect(found.map((fault, i) => fault.slice(0, faults[i]?.length))).toEqual(faults)
  })
})

describe('an Ingress', () => {
  const ingress = (spec: object) => ({ metadata: { name: 'i' }, spec, status: {} }) as Ingress
  const backend = { service: { name: 's', port: { number: 80 } } }
  const old = ingress({
    rules: [{ host: '*.a.com', http: { paths: [] } }],
    defaultBackend: backend,
  })

  it('keeps a wildcard rule that older servers let pass', () => {
    expect(updateFaultsOf(ingresses, old, old)).toEqual([])
    expect(faultsOf(ingresses, old)).toEqual(['spec.rules[0].http.paths: Required value'])
  })

  it('has paths of a type', () => {
    const paths = [{ path: '/', backend: {} }]
    expect(faultsOf(ingresses, ingress({ rules: [{ http: { paths } }] }))).toEqual([
      'spec.rules[0].http.paths[0].pathType: Required value: pathType must be specified',
    ])
  })

  it('may send traffic to any object', () => {
    const resource = { apiGroup: 'g', kind: 'a/b', name: '' }
    expect(faultsOf(ingresses, ingress({ defaultBackend: { resource } }))).toEqual([
      `spec.defaultBackend.resource.kind: Invalid value: "a/b": may not contain '/'`,
      'spec.defaultBackend.resource.name: Required value',
    ])
  })
})

it('a selector of all is another spec than none', () => {
  const policy = (peer: object): NetworkPolicy =>
    ({
      metadata: { name: 'p', generation: 1 },
      spec: { podSelector: {}, ingress: [{ from: [{ podSelector: {}, ...peer }] }] },
    }) as NetworkPolicy
  const draft = policy({ namespaceSelector: {} })
  networkPolicies.prepareForUpdate?.(draft, policy({}), contextWith())
  expect(draft.metadata.generation).toBe(2)
})
