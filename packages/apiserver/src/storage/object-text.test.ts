import { encodeJsonText, type KubeObject } from '@miniplane/api'
import { expect, it } from 'vitest'
import { objectText } from './object-text.js'

const fieldsV1 = { 'f:data': { '.': {}, 'f:a<b': {} } }
const entry = { manager: 'm', operation: 'Update', apiVersion: 'v1', time: 't' }

it.each<[string, Partial<KubeObject>]>([
  ['no managers', { metadata: { name: 'a', labels: { a: '<&>' } } }],
  ['nothing else in the metadata', { metadata: { managedFields: [entry] } }],
  [
    'several, of a subresource and without fields',
    {
      metadata: {
        name: 'a',
        managedFields: [
          { ...entry, fieldsType: 'FieldsV1', fieldsV1 },
          { ...entry, fieldsType: 'FieldsV1', fieldsV1, subresource: 'status' },
          entry,
          {},
        ],
      },
    },
  ],
  ['values of every form', { metadata: {}, data: { 'k>': 'ü' }, list: [1, null], gone: undefined }],
])('is what the encoder writes: %s', (_, parts) => {
  const object = { kind: 'ConfigMap', apiVersion: 'v1', ...parts } as KubeObject
  // Twice: what is kept must not change it.
  expect(objectText(object)).toBe(encodeJsonText(object))
  expect(objectText(object)).toBe(encodeJsonText(object))
})
