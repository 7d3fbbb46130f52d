import { decodeObject, isEnvelope, type KubeObject, namedSchema } from '@miniplane/api'
import { describe, expect, it } from 'vitest'
import { encodeList } from '../negotiation/encode-list.js'
import { ObjectCodec } from './codec.js'
import { keyTail, prefixEnd, storagePrefix } from './keys.js'
import { normalise } from './normalise.js'

const text = (bytes: Uint8Array) => Buffer.from(bytes).toString()
const configMap = (name: string, data: Record<string, string>): KubeObject => ({
  kind: 'ConfigMap',
  apiVersion: 'v1',
  metadata: {
    name,
    namespace: 'default',
    uid: `uid-${name}`,
    creationTimestamp: '2026-01-01T00:00:00Z',
  },
  data,
})

describe('ObjectCodec', () => {
  const codec = new ObjectCodec()

  it('stores no version and splices it in when read', () => {
    const value = codec.encode(configMap('a', { k: '<&> ü' }))
    expect(text(value)).toBe(
      '{"kind":"ConfigMap","apiVersion":"v1","metadata":{"name":"a","namespace":"default","uid":"uid-a","creationTimestamp":"2026-01-01T00:00:00Z"},"data":{"k":"\\u003c\\u0026\\u003e ü"}}\n',
    )
    const stored = codec.decode({ key: 'a', value, modRevision: 7 })
    expect(stored.object.metadata.resourceVersion).toBe('7')
    expect(JSON.parse(text(stored.json()))).toEqual(stored.object)
    expect(text(stored.json())).toContain('"uid":"uid-a","resourceVersion":"7","creationTimestamp"')
  })

  it('parses bytes that it has not made, whatever their order', () => {
    const foreign = {
      metadata: { uid: 'u', name: 'f' },
      data: { k: 'v' },
      apiVersion: 'v1',
      kind: 'ConfigMap',
    }
    const stored = new ObjectCodec().decode({
      key: 'f',
      value: Buffer.from(JSON.stringify(foreign)),
      modRevision: 3,
    })
    expect(JSON.parse(text(stored.json()))).toEqual({
      ...foreign,
      metadata: { ...foreign.metadata, resourceVersion: '3', creationTimestamp: null },
    })
  })

  it('does not parse what it made: the same bytes are the same object', () => {
    const value = codec.encode(configMap('same', {}))
    const first = codec.decode({ key: 'same', value, modRevision: 9 })
    expect(codec.decode({ key: 'same', value, modRevision: 9 })).toBe(first)
    const again = codec.decode({ key: 'same', value, modRevision: 12 })
    expect(again.object.metadata.resourceVersion).toBe('12')
    expect(first.object.metadata.resourceVersion).toBe('9')
  })

  it('makes a list of the stored bytes, without kind and version in the items', () => {
    const items = ['ä', 'b'].map((name, i) =>
      codec.decode({
        key: name,
        value: codec.encode(configMap(name, { n: name })),
        modRevision: 5 + i,
      }),
    )
    const list = JSON.parse(
      text(encodeList('ConfigMapList', 'v1', { resourceVersion: '9' }, items)),
    )
    expect(list).toEqual({
      kind: 'ConfigMapList',
      apiVersion: 'v1',
      metadata: { resourceVersion: '9' },
      items: items.map(({ object: { kind: _kind, apiVersion: _apiVersion, ...rest } }) => rest),
    })
    expect(JSON.parse(text(encodeList('ConfigMapList', 'v1', {}, []))).items).toEqual([])
  })
})

describe('ObjectCodec that writes protobuf', () => {
  const PROTOBUF = 'application/vnd.kubernetes.protobuf'
  const decoded = (object: KubeObject) =>
    decodeObject(object, namedSchema('core.v1.ConfigMap')).object as unknown as KubeObject

  it('stores an envelope without a version; readers see what JSON would have shown', () => {
    const [first, second] = [new ObjectCodec(PROTOBUF), new ObjectCodec()].map((codec) => {
      const value = codec.encode(decoded(configMap('ä', { k: '<&>' })))
      return { value, stored: codec.decode({ key: 'a', value, modRevision: 7 }) }
    })
    expect(isEnvelope(first?.value ?? new Uint8Array())).toBe(true)
    expect(first?.stored.object).toEqual(second?.stored.object)
    expect(text(first?.stored.json() ?? new Uint8Array())).toBe(
      text(second?.stored.json() ?? new Uint8Array()),
    )
  })

  it.each([PROTOBUF, 'application/json'] as const)('keeps no memory beside that of %s', (type) => {
    const value = new ObjectCodec(type).encode(decoded(configMap('a', { k: 'v' })))
    expect(value.buffer.byteLength).toBe(value.length)
  })

  it.each([PROTOBUF, 'application/json'] as const)(
    'reads both forms while it writes %s',
    (type) => {
      const reader = new ObjectCodec(type)
      for (const form of [PROTOBUF, 'application/json'] as const) {
        const value = new ObjectCodec(form).encode(decoded(configMap('a', { k: 'v' })))
        const stored = reader.decode({ key: 'a', value, modRevision: 4 })
        expect(JSON.parse(text(stored.json()))).toEqual({
          ...configMap('a', { k: 'v' }),
          metadata: { ...configMap('a', {}).metadata, resourceVersion: '4' },
        })
      }
    },
  )

  it('leaves what has no message as JSON', () => {
    const custom = { ...configMap('c', {}), kind: 'Custom', apiVersion: 'example.com/v1' }
    expect(text(new ObjectCodec(PROTOBUF).encode(custom))).toMatch(/^{"kind":"Custom"/)
  })
})

describe('normalise', () => {
  it('orders fields as the schema, fills in what is always written, keeps what is in order', () => {
    const schema = namedSchema('rbac.authorization.k8s.io.v1.Role')
    const role = { rules: [], metadata: { name: 'r' }, apiVersion: 'v1', kind: 'Role' }
    const normal = normalise(role, schema)
    expect(JSON.stringify(normal)).toBe(
      '{"kind":"Role","apiVersion":"v1","metadata":{"name":"r"},"rules":null}',
    )
    expect(normalise(normal, schema)).toBe(normal)
  })
})

describe('keys', () => {
  it.each([
    ['', 'pods', '/registry/pods/'],
    ['', 'services', '/registry/services/specs/'],
    ['', 'endpoints', '/registry/services/endpoints/'],
    ['', 'nodes', '/registry/minions/'],
    ['apps', 'deployments', '/registry/deployments/'],
    ['networking.k8s.io', 'ingresses', '/registry/ingress/'],
    ['apiregistration.k8s.io', 'apiservices', '/registry/apiregistration.k8s.io/apiservices/'],
  ])('%s/%s lies under %s', (group, resource, prefix) => {
    expect(storagePrefix({ group, resource })).toBe(prefix)
    expect(prefixEnd(prefix) > `${prefix}\u{ff}`).toBe(true)
  })

  it('ends with the namespace, if there is one, and the name', () => {
    expect(keyTail('a', 'b')).toBe('a/b')
    expect(keyTail(undefined, 'b')).toBe('b')
  })
})
