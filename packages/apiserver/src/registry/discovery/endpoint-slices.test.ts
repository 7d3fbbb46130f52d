import type { EndpointSlice } from '@miniplane/api'
import { describe, expect, it } from 'vitest'
import { faultsOf, updateFaultsOf } from '../strategy.suite.js'
import { endpointSlices } from './endpoint-slices.js'

const slice = (addressType: string, endpoint: object = {}, more: object = {}) =>
  ({
    metadata: { name: 's', namespace: 'n' },
    addressType,
    endpoints: [{ addresses: ['10.1.2.3'], ...endpoint }],
    ...more,
  }) as unknown as EndpointSlice

const zones = (...names: string[]) => ({ forZones: names.map((name) => ({ name })) })
const nodes = (...names: string[]) => ({ forNodes: names.map((name) => ({ name })) })
const many = (count: number) => Array.from({ length: count }, (_, i) => `z${i}`)

describe('an EndpointSlice', () => {
  it.each<[string, EndpointSlice, string[]]>([
    ['of addresses', slice('IPv4'), []],
    ['of hosts', slice('FQDN', { addresses: ['a.example.com.'] }), []],
    [
      'of no address',
      slice('IPv4', { addresses: ['x'] }),
      [
        'addresses[0]: Invalid value: "x": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)',
      ],
    ],
    [
      'of an octal address',
      slice('IPv4', { addresses: ['10.0.0.01'] }),
      ['addresses[0]: Invalid value: "10.0.0.01": must not have leading 0s'],
    ],
    [
      'of an address in another spelling',
      slice('IPv6', { addresses: ['2001:DB8::1'] }),
      ['addresses[0]: Invalid value: "2001:DB8::1": must be in canonical form ("2001:db8::1")'],
    ],
    [
      'of another family, and nowhere',
      slice('IPv6', { addresses: ['127.0.0.1'] }),
      [
        'addresses: Invalid value: "127.0.0.1": must be an IPv6 address',
        'addresses[0]: Invalid value: "127.0.0.1": may not be in the loopback range (127.0.0.0/8, ::1/128)',
      ],
    ],
    [
      'of a host below nothing',
      slice('FQDN', { addresses: ['localhost', ''] }),
      [
        'addresses[0]: Invalid value: "localhost": should be a domain with at least two segments separated by dots',
        'addresses[1]: Required value',
      ],
    ],
    [
      'with a hint twice',
      slice('IPv4', { hints: zones('a', 'a') }),
      ['hints.forZones[1].name: Duplicate value: "a"'],
    ],
    [
      'with many hints',
      slice('IPv4', { hints: { ...zones(...many(9)), ...nodes('a', 'a') } }),
      ['hints.forZones: Too many: 9: must have at most 8 items'],
    ],
    [
      'with hints for a node twice',
      slice('IPv4', { hints: nodes('a', 'a') }),
      ['hints.forNodes[1].name: Duplicate value: "a"'],
    ],
  ])('%s', (_what, object, faults) => {
    expect(faultsOf(endpointSlices, object)).toEqual(faults.map((fault) => `endpoints[0].${fault}`))
  })

  it('without a type says nothing of its addresses, and tells of ports first', () => {
    const object = slice('', { addresses: ['x'], hostname: 'h.' }, { ports: [{ name: 'B' }] })
    expect(faultsOf(endpointSlices, object).map((fault) => fault.split(':')[0])).toEqual([
      'addressType',
      'ports[0].name',
      'endpoints[0].hostname',
    ])
  })

  it('keeps its type, and its endpoints as they are', () => {
    const old = slice('IPv4', { addresses: ['10.0.0.01'] })
    expect(updateFaultsOf(endpointSlices, { ...old, addressType: 'IPv6' }, old)).toEqual([
      'addressType: Invalid value: "IPv6": field is immutable',
    ])
  })

  it('warns of a type that is going, and of spellings', () => {
    const { warningsOnCreate, warningsOnUpdate } = endpointSlices
    expect(warningsOnCreate?.(slice('FQDN', { addresses: ['a.b'] }))).toEqual([
      'spec.addressType: FQDN endpoints are deprecated',
    ])
    const spelled = slice('IPv6', { addresses: ['2001:DB8::1'] })
    const warning =
      'endpoints[0].addresses[0]: IPv6 address "2001:DB8::1" should be in RFC 5952 canonical format ("2001:db8::1")'
    expect(warningsOnUpdate?.(spelled, spelled)).toEqual([warning])
    const labels = { 'endpointslice.kubernetes.io/managed-by': 'endpointslice-controller.k8s.io' }
    expect(warningsOnCreate?.({ ...spelled, metadata: { labels } })).toEqual([])
  })
})
