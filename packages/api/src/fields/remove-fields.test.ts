import { describe, expect, test } from 'vitest'
import { namedSchema } from '../schema/builtin-model.js'
import { FieldSet } from './field-set.js'
import { extractFields, removeFields } from './remove-fields.js'

type JsonObject = Record<string, unknown>

const pod = namedSchema('core.v1.Pod')

describe('removeFields and extractFields', () => {
  const object = {
    metadata: { labels: { a: '1', b: '1' } },
    spec: { containers: [{ name: 'a', image: 'i', env: [{ name: 'E' }] }, { name: 'b' }] },
  }
  const fields = (value: JsonObject) => FieldSet.fromFieldsV1(value)

  test('a removed item is gone, what loses all its parts is null', () => {
    const removed = fields({
      'f:metadata': { 'f:labels': { 'f:a': {}, 'f:b': {} } },
      'f:spec': {
        'f:containers': {
          'k:{"name":"a"}': { 'f:env': { 'k:{"name":"E"}': { '.': {}, 'f:name': {} } } },
          'k:{"name":"b"}': {},
        },
      },
    })
    expect(removeFields(object, removed, pod)).toEqual({
      metadata: { labels: null },
      spec: { containers: [{ name: 'a', image: 'i', env: null }] },
    })
  })

  test('what is not there changes nothing', () => {
    expect(removeFields(object, fields({ 'f:spec': { 'f:hostname': {} } }), pod)).toBe(object)
  })

  test('extracting keeps the fields and the way to them', () => {
    const kept = fields({
      'f:metadata': { 'f:labels': { 'f:b': {} } },
      'f:spec': { 'f:containers': { 'k:{"name":"a"}': { 'f:name': {}, 'f:image': {} } } },
    })
    expect(extractFields(object, kept, pod)).toEqual({
      metadata: { labels: { b: '1' } },
      spec: { containers: [{ name: 'a', image: 'i' }] },
    })
  })
})
