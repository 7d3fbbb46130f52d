import { encodeJsonText, type KubeObject } from '@miniplane/api'
import { expect, it } from 'vitest'
import { StoredEncoder } from './encode-stored.js'

const fieldsV1 = { 'f:data': { '.': {}, 'f:a<b': {} } }
const entry = { manager: 'm', operation: 'Update', apiVersion: 'v1', time: 't' }

const uid = 'u1'
const after = { creationTimestamp: 't' }

it.each<[string, object]>([
  ['no managers', { metadata: { name: 'a<&>', uid, ...after } }],
  [
    'several, of a subresource and without fields',
    {
      metadata: {
        name: 'ü',
        uid,
        ...after,
        managedFields: [
          { ...entry, fieldsType: 'FieldsV1', fieldsV1 },
          { ...entry, fieldsType: 'FieldsV1', fieldsV1, subresource: 'status' },
          entry,
          {},
        ],
      },
    },
  ],
  ['an empty list of them', { metadata: { uid, ...after, managedFields: [] } }],
  [
    'values of every form',
    { metadata: { uid, ...after }, data: { 'k>': 'ü' }, list: [1, null], gone: undefined },
  ],
  ['more than there is room for', { metadata: { uid, ...after }, data: { k: '€'.repeat(50_000) } }],
])('is what the encoder writes: %s', (_, parts) => {
  const object = { kind: 'ConfigMap', apiVersion: 'v1', ...parts } as KubeObject
  // Twice: what is kept must not change it.
  const encoder = new StoredEncoder()
  for (let n = 0; n < 2; n++) {
    const { bytes: made, bodyAt, versionAt } = encoder.encode(object)
    const bytes = Buffer.from(made)
    expect(bytes.toString()).toBe(`${encodeJsonText(object)}\n`)
    expect(bytes.toString('utf8', 0, bodyAt)).toBe('{"kind":"ConfigMap","apiVersion":"v1",')
    expect(bytes.toString('utf8', 0, versionAt)).toMatch(/"uid":"u1",$/)
  }
})

it('needs a uid to find its way', () => {
  const object = { kind: 'ConfigMap', apiVersion: 'v1', metadata: { name: 'a' } }
  expect(() => new StoredEncoder().encode(object)).toThrow('without a uid')
})
