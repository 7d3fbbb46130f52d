import fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'
import { encodeJsonText } from '../json/encode.js'
import { namedSchema } from './builtin-model.js'
import { decodeObject } from './decode.js'

const decode = (value: unknown, type = 'core.v1.Pod') =>
  decodeObject(value, namedSchema(type)).object

describe('writes what a real server would write', () => {
  test.each<[string, string, unknown, unknown]>([
    [
      'structs that are always written, with all their own',
      'core.v1.Pod',
      {},
      { metadata: {}, spec: { containers: null }, status: {} },
    ],
    [
      'empty strings, zeros, lists and maps are dropped, pointers keep them',
      'apps.v1.DeploymentSpec',
      { replicas: 0, minReadySeconds: 0, paused: false, selector: null },
      {
        replicas: 0,
        selector: null,
        template: { metadata: {}, spec: { containers: null } },
        strategy: {},
      },
    ],
    [
      'structs that may be absent are kept when empty',
      'core.v1.Volume',
      { name: 'x', emptyDir: {}, secret: null },
      { name: 'x', emptyDir: {} },
    ],
    [
      'type metadata comes first',
      'core.v1.ConfigMap',
      { data: { b: '1', a: null }, metadata: null, kind: 'ConfigMap', apiVersion: 'v1' },
      { kind: 'ConfigMap', apiVersion: 'v1', metadata: {}, data: { a: '', b: '1' } },
    ],
    [
      'quantities are canonical, and no finer than milli in lists of resources',
      'core.v1.ResourceRequirements',
      { limits: { cpu: 1.5, memory: '1024Mi' }, requests: { cpu: '0.0001' } },
      { limits: { cpu: '1500m', memory: '1Gi' }, requests: { cpu: '1m' } },
    ],
    [
      'times are UTC in whole seconds',
      'meta.v1.ObjectMeta',
      { creationTimestamp: '2024-01-01T02:00:00.5+02:00', deletionTimestamp: null },
      { creationTimestamp: '2024-01-01T00:00:00Z' },
    ],
    [
      'null among items is the zero value',
      'core.v1.PodSpec',
      { containers: [null], hostAliases: [{ ip: '1', hostnames: [null] }] },
      {
        containers: [{ name: '', resources: {} }],
        hostAliases: [{ ip: '1', hostnames: [''] }],
      },
    ],
    [
      'base64 loses its line breaks',
      'core.v1.Secret',
      { data: { a: 'Zm9v\nYmFy', b: '' } },
      { metadata: {}, data: { a: 'Zm9vYmFy', b: '' } },
    ],
    [
      'ports by number or name',
      'core.v1.ServicePort',
      { port: 80, targetPort: 'http' },
      { port: 80, targetPort: 'http' },
    ],
    [
      'schemas inside of a definition: a struct or something else',
      'apiextensions.k8s.io.v1.JSONSchemaProps',
      {
        items: { type: 'string', bogus: 1, title: '' },
        additionalProperties: true,
        default: { keep: null },
      },
      { items: { type: 'string' }, additionalProperties: true, default: { keep: null } },
    ],
  ])('%s', (_, type, value, written) => {
    expect(encodeJsonText(decode(value, type))).toBe(encodeJsonText(decode(written, type)))
    expect(decode(value, type)).toEqual(written)
  })
})

describe('refuses wrong types in the words of Go', () => {
  const container = (fields: object) => ({ spec: { containers: [{ name: 'c', ...fields }] } })
  test.each<[string, unknown, string]>([
    [
      'core.v1.ConfigMap',
      { data: { k: 1 } },
      'json: cannot unmarshal number into Go struct field ConfigMap.data of type string',
    ],
    [
      'core.v1.ConfigMap',
      { metadata: { labels: 'x' } },
      'json: cannot unmarshal string into Go struct field ObjectMeta.metadata.labels of type map[string]string',
    ],
    [
      'meta.v1.ObjectMeta',
      { labels: 'x' },
      'json: cannot unmarshal string into Go struct field ObjectMeta.labels of type map[string]string',
    ],
    [
      'meta.v1.ObjectMeta',
      'x',
      'json: cannot unmarshal string into Go value of type v1.ObjectMeta',
    ],
    [
      'apps.v1.Deployment',
      { spec: { replicas: 'three' } },
      'json: cannot unmarshal string into Go struct field DeploymentSpec.spec.replicas of type int32',
    ],
    [
      'apps.v1.Deployment',
      { spec: { replicas: 1.5 } },
      'json: cannot unmarshal number 1.5 into Go struct field DeploymentSpec.spec.replicas of type int32',
    ],
    [
      'core.v1.Pod',
      container({ ports: [{ containerPort: 3e9 }] }),
      'json: cannot unmarshal number 3000000000 into Go struct field ContainerPort.spec.containers.ports.containerPort of type int32',
    ],
    [
      'core.v1.Pod',
      container({ command: 'sleep' }),
      'json: cannot unmarshal string into Go struct field Container.spec.containers.command of type []string',
    ],
    [
      'core.v1.Pod',
      { spec: { containers: {} } },
      'json: cannot unmarshal object into Go struct field PodSpec.spec.containers of type []v1.Container',
    ],
    ['core.v1.Secret', { data: { a: 'not base64!' } }, 'illegal base64 data at input byte 3'],
    ['core.v1.Secret', { data: { a: 'Zm9vYmE' } }, 'illegal base64 data at input byte 4'],
    ['core.v1.Secret', { data: { a: 'a*==' } }, 'illegal base64 data at input byte 1'],
    [
      'core.v1.Pod',
      container({ resources: { limits: { cpu: 'lots' } } }),
      "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'",
    ],
    [
      'coordination.k8s.io.v1.Lease',
      { spec: { renewTime: '2024-01-01T00:00:00Z' } },
      'parsing time "2024-01-01T00:00:00Z" as "2006-01-02T15:04:05.000000Z07:00": cannot parse "Z" as ".000000"',
    ],
    [
      'core.v1.Service',
      { spec: { ports: [{ port: 1, targetPort: true }] } },
      'json: cannot unmarshal bool into Go struct field ServicePort.spec.ports.targetPort of type int32',
    ],
    [
      'core.v1.Pod',
      container({ imagePullPolicy: 5 }),
      'json: cannot unmarshal number into Go struct field Container.spec.containers.imagePullPolicy of type v1.PullPolicy',
    ],
    [
      'core.v1.Pod',
      container({ securityContext: { capabilities: { add: [5] } } }),
      'json: cannot unmarshal number into Go struct field Capabilities.spec.containers.securityContext.capabilities.add of type v1.Capability',
    ],
    [
      'core.v1.Pod',
      container({ livenessProbe: { httpGet: { port: [] } } }),
      'json: cannot unmarshal array into Go struct field HTTPGetAction.spec.containers.livenessProbe.ProbeHandler.httpGet.port of type int32',
    ],
    [
      'core.v1.Pod',
      { spec: { volumes: [{ configMap: { name: 5 } }] } },
      'json: cannot unmarshal number into Go struct field ConfigMapVolumeSource.spec.volumes.VolumeSource.configMap.LocalObjectReference.name of type string',
    ],
    [
      'core.v1.Pod',
      { metadata: { creationTimestamp: 5 } },
      'json: cannot unmarshal number into Go struct field ObjectMeta.metadata.creationTimestamp of type string',
    ],
    // Several: the first as they stand there, but first of all what can't be read at all.
    [
      'core.v1.ConfigMap',
      { data: { z: 1 }, metadata: { labels: 'x' } },
      'json: cannot unmarshal number into Go struct field ConfigMap.data of type string',
    ],
    [
      'core.v1.Pod',
      { spec: { containers: 'x' }, metadata: { creationTimestamp: 'x' } },
      'parsing time "x" as "2006-01-02T15:04:05Z07:00": cannot parse "x" as "2006"',
    ],
    [
      'core.v1.Secret',
      { data: { a: '!' }, metadata: { name: 5 } },
      'illegal base64 data at input byte 0',
    ],
  ])('%s %j', (type, value, message) => {
    expect(() => decode(value, type)).toThrow(expect.objectContaining({ message }))
  })
})

describe("refuses wrong types in the words of Go's type converter", () => {
  test.each<[string, unknown, string]>([
    ['apps.v1.Deployment', { spec: { replicas: 'three' } }, 'unrecognized type: int32'],
    ['apps.v1.Deployment', { spec: { replicas: 1.5 } }, 'cannot convert float64 to int32'],
    ['apps.v1.Deployment', { spec: { paused: 1 } }, 'unrecognized type: bool'],
    // Too large is no fault there: the low bits count.
    ['apps.v1.Deployment', { spec: { replicas: 2 ** 40, paused: 1 } }, 'unrecognized type: bool'],
    ['apps.v1.Deployment', { spec: 'x' }, 'cannot restore struct from: string'],
    ['core.v1.ConfigMap', { data: { k: 1 } }, 'cannot convert int64 to string'],
    ['core.v1.ConfigMap', { data: { k: true } }, 'unrecognized type: string'],
    ['core.v1.ConfigMap', { data: [] }, 'cannot restore map from slice'],
    ['core.v1.Pod', { spec: { containers: {} } }, 'cannot restore slice from map'],
  ])('%s %j', (type, value, message) => {
    expect(() => decodeObject(value, namedSchema(type), { isConversion: true })).toThrow(
      expect.objectContaining({ message }),
    )
  })
})

describe('unknown fields', () => {
  const value = {
    metadata: { name: 'x', nope: 1 },
    spec: {
      containers: [{ name: 'a', imagee: 'b', ports: [{ containerport: 1 }] }],
      nodeSelector: { any: 'key' },
      bogus: null,
    },
    Status: {},
  }
  const { object, unknown, strictErrors } = decodeObject(value, namedSchema('core.v1.Pod'), {
    strict: true,
  })

  it('are found by their path, and case counts', () => {
    expect(new Set(unknown)).toEqual(
      new Set([
        'metadata.nope',
        'spec.containers[0].imagee',
        'spec.containers[0].ports[0].containerport',
        'spec.bogus',
        'Status',
      ]),
    )
    expect(strictErrors).toContain('unknown field "spec.bogus"')
  })

  it('are gone from the object', () => {
    expect(object).toEqual({
      metadata: { name: 'x' },
      spec: {
        containers: [{ name: 'a', ports: [{ containerPort: 0 }], resources: {} }],
        nodeSelector: { any: 'key' },
      },
      status: {},
    })
  })
})

it('decoding what was decoded changes nothing, whatever came first', () => {
  const fields = fc.dictionary(
    fc.constantFrom('metadata', 'spec', 'containers', 'name', 'labels', 'ports', 'replicas', 'x'),
    fc.jsonValue({ maxDepth: 4 }),
  )
  fc.assert(
    fc.property(fields, fc.constantFrom('core.v1.Pod', 'apps.v1.Deployment'), (value, type) => {
      let once: unknown
      try {
        once = decode(value, type)
      } catch {
        return true // of a wrong type; the tables above tell how that is said
      }
      return encodeJsonText(decode(once, type)) === encodeJsonText(once)
    }),
  )
})

it('shares nothing with what it was given', () => {
  const raw = { any: { thing: 1 } }
  const labels = { a: 'b' }
  const object = decode({ metadata: { labels }, data: raw }, 'apps.v1.ControllerRevision')
  expect(object.data).toEqual(raw)
  expect(object.data).not.toBe(raw)
  expect((object.metadata as { labels: object }).labels).not.toBe(labels)
})

it('keeps keys of maps that JavaScript treats in its own way', () => {
  const object = decode(
    JSON.parse('{"data":{"__proto__":"x","constructor":"y"}}'),
    'core.v1.ConfigMap',
  )
  expect(JSON.stringify(object.data)).toBe('{"__proto__":"x","constructor":"y"}')
})
