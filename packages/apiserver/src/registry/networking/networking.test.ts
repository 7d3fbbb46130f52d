import type { Ingress, IngressClass, IPAddress, NetworkPolicy, ServiceCIDR } from '@miniplane/api'
import { describe, expect, it } from 'vitest'
import { faultsOf, updateFaultsOf } from '../strategy.suite.js'
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
        'spec.parameters.kind: Required value: kind is required',
        'spec.parameters.name: Required value: name is required',
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
      'spec.defaultBackend.resource.name: Required value: name is required',
    ])
  })
})
