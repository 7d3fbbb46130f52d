import type { KubeObject } from '@miniplane/api'
import { describe, expect, it } from 'vitest'
import { statefulSets } from '../apps/stateful-sets.js'
import type { Strategy } from '../strategy.js'
import { contextWith, faultsOf, updateFaultsOf } from '../strategy.suite.js'
import { configMaps } from './config-maps.js'
import { endpoints } from './endpoints.js'
import { limitRanges } from './limit-ranges.js'
import { namespaces } from './namespaces.js'
import { nodes } from './nodes.js'
import { persistentVolumeClaims } from './persistent-volume-claims.js'
import { secrets } from './secrets.js'
import { serviceAccounts } from './service-accounts.js'

const metadata = { name: 'x', namespace: 'default' }
const base64 = (text: string) => Buffer.from(text).toString('base64')
const secret = (type: string, data: Record<string, string>) => ({
  metadata,
  type: `kubernetes.io/${type}`,
  data: Object.fromEntries(Object.entries(data).map(([key, text]) => [key, base64(text)])),
})
const node = (spec: object, status = {}) => ({ metadata: { name: 'n' }, spec, status })
const namespace = (...finalizers: string[]) => ({ metadata, spec: { finalizers }, status: {} })

const QUALIFIED_NAME =
  "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')"
const SUBDOMAIN =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"

it('a LimitRange without a name gets one', () => {
  const draft = { metadata: {}, spec: { limits: [] } }
  limitRanges.prepareForCreate?.(draft as never, contextWith())
  expect(draft.metadata).toEqual({ name: expect.stringMatching(/^[0-9a-f-]{36}$/) })
})

describe('faults of', () => {
  it.each<[string, object, object, string[]]>([
    [
      'a key for SSH that is empty',
      secrets,
      secret('ssh-auth', { 'ssh-privatekey': '' }),
      ['data[ssh-privatekey]: Required value'],
    ],
    [
      'keys that every object of JavaScript has',
      configMaps,
      { metadata, data: { constructor: 'a', toString: 'b' }, binaryData: { x: 'eA==' } },
      [],
    ],
    [
      'a docker config that is JSON, but no object',
      secrets,
      secret('dockerconfigjson', { '.dockerconfigjson': '[1]' }),
      [
        'data[.dockerconfigjson]: Invalid value: "<secret contents redacted>": json: cannot unmarshal array into Go value of type map[string]interface {}',
      ],
    ],
    [
      'a finalizer of a Namespace that is no name',
      namespaces,
      namespace('a b'),
      [
        `spec.finalizers: Invalid value: "a b": ${QUALIFIED_NAME}`,
        'spec.finalizers: Invalid value: "a b": name is neither a standard finalizer name nor is it fully qualified',
      ],
    ],
    [
      'a taint without an effect',
      nodes,
      node({ taints: [{ key: 'a' }] }),
      ['metadata.taints[0].effect: Required value'],
    ],
    [
      'an endpoint on a node whose name is none',
      endpoints,
      {
        metadata,
        subsets: [{ addresses: [{ ip: '10.0.0.1', nodeName: 'A' }], ports: [{ port: 1 }] }],
      },
      [`subsets[0].addresses[0].nodeName: Invalid value: "A": ${SUBDOMAIN}`],
    ],
    [
      'defaults of Pods, which are not compared with the bounds',
      limitRanges,
      { metadata, spec: { limits: [{ type: 'Pod', max: { cpu: '1' }, default: { cpu: '2' } }] } },
      ["spec.limits[0].default: Forbidden: may not be specified when `type` is 'Pod'"],
    ],
  ])('%s', (_what, strategy, object, faults) => {
    expect(faultsOf(strategy, object)).toEqual(faults)
  })

  it('an external id of a Node that changes', () => {
    expect(updateFaultsOf(nodes, node({ externalID: 'b' }), node({ externalID: 'a' }))).toEqual([
      'spec.externalID: Forbidden: may not be updated',
    ])
  })
})

describe('warnings about', () => {
  const warningsOf = (strategy: unknown, object: unknown) =>
    (strategy as Strategy).warningsOnCreate?.(object as KubeObject)
  const tls = (certificate: string, key: string) =>
    secret('tls', { 'tls.crt': certificate, 'tls.key': key })
  const pem = (type: string) => `-----BEGIN ${type}-----\nAAAA\n-----END ${type}-----\n`

  it.each<[string, object, string]>([
    ['no certificate', tls('x', 'x'), 'tls: failed to find any PEM data in certificate input'],
    [
      'a certificate and a key that changed places',
      tls(pem('PRIVATE KEY'), pem('CERTIFICATE')),
      'tls: failed to find certificate PEM data in certificate input, but did find a private key; PEM inputs may have been switched',
    ],
    [
      'a certificate as key',
      tls(pem('CERTIFICATE'), pem('CERTIFICATE')),
      'tls: found a certificate rather than a key in the PEM for the private key',
    ],
    [
      'blocks of other things',
      tls(pem('CERTIFICATE REQUEST'), ''),
      'tls: failed to find "CERTIFICATE" PEM block in certificate input after skipping PEM blocks of the following types: [CERTIFICATE REQUEST]',
    ],
  ])('a TLS secret with %s', (_what, object, warning) => {
    expect(warningsOf(secrets, object)).toEqual([warning])
  })

  it('fields and annotations of earlier days', () => {
    expect(warningsOf(nodes, node({ configSource: {}, externalID: 'a' }))).toEqual([
      'spec.configSource: the feature is removed',
      'spec.externalID: this field is deprecated, and is unused by Kubernetes',
    ])
    const annotations = { 'kubernetes.io/enforce-mountable-secrets': 'true' }
    expect(warningsOf(serviceAccounts, { metadata: { ...metadata, annotations } })).toEqual([
      'metadata.annotations[kubernetes.io/enforce-mountable-secrets]: deprecated in v1.32+; prefer separate namespaces to isolate access to mounted secrets',
    ])
  })

  it('storage that is no whole number of bytes, at the path without the spec of the claim', () => {
    const claim = { metadata, spec: { resources: { requests: { storage: '500m' } } } }
    const set = {
      metadata,
      spec: { template: { spec: { containers: [] } }, volumeClaimTemplates: [claim] },
    }
    expect(warningsOf(statefulSets, set)).toEqual([
      'spec.volumeClaimTemplates[0].resources.requests[storage]: fractional byte value "500m" is invalid, must be an integer',
    ])
  })
})

describe('the source of a claim', () => {
  const claim = (spec: object): KubeObject =>
    ({ kind: 'PersistentVolumeClaim', metadata: { ...metadata }, spec: { ...spec } }) as never
  const OLD = { kind: 'PersistentVolumeClaim', name: 'old' }
  const OTHER = { apiGroup: 'x.example', kind: 'Other', name: 'o' }

  it.each<[string, object, object]>([
    ['a claim is said twice', { dataSource: OLD }, { dataSource: OLD, dataSourceRef: OLD }],
    ['what nobody knows is dropped', { dataSource: OTHER }, {}],
    [
      'but not from the newer field',
      { dataSourceRef: OTHER },
      { dataSource: OTHER, dataSourceRef: OTHER },
    ],
    ['other namespaces are off by default', { dataSourceRef: { ...OLD, namespace: 'n' } }, {}],
  ])('%s', (_what, spec, prepared) => {
    const draft = claim(spec)
    ;(persistentVolumeClaims as unknown as Strategy).prepareForCreate?.(draft, contextWith())
    expect((draft as unknown as { spec: object }).spec).toEqual(prepared)
  })
})

it('a claim may name its volume once; a refusal of something else shows it on both sides', () => {
  const spec = { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1' } } }
  const stored = { metadata, spec, status: {} }
  const named = { ...stored, spec: { ...spec, volumeName: 'v' } }
  expect(updateFaultsOf(persistentVolumeClaims, named, stored)).toEqual([])
  const both = { ...stored, spec: { ...named.spec, volumeMode: 'Block' } }
  const [fault] = updateFaultsOf(persistentVolumeClaims, both, stored)
  expect(fault).toContain(' "VolumeName": "v",')
})
