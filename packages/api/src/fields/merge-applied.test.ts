import { describe, expect, test } from 'vitest'
import { namedSchema } from '../schema/builtin-model.js'
import type { StructSchema } from '../schema/schema.js'
import { custom } from './custom-kind.fixture.js'
import { mergeApplied } from './merge-applied.js'

type JsonObject = Record<string, unknown>

const pod = namedSchema('core.v1.Pod')
const configMap = namedSchema('core.v1.ConfigMap')

const inPod = (container: JsonObject) => ({ spec: { containers: [{ name: 'a', ...container }] } })

describe('mergeApplied: what apply makes of the live object', () => {
  test.each<[string, StructSchema, JsonObject, JsonObject, JsonObject]>([
    [
      'the applied value wins, the rest stays',
      configMap,
      { data: { a: '1', b: '1' }, immutable: true },
      { data: { b: '2', c: '2' } },
      { data: { a: '1', b: '2', c: '2' }, immutable: true },
    ],
    [
      'items are merged by key, and new ones stand where the configuration has them',
      custom,
      {
        keyed: [
          { name: 'a', size: 1 },
          { name: 'c', size: 1 },
        ],
      },
      {
        keyed: [
          { name: 'b', zone: 'any' },
          { name: 'c', size: 2 },
        ],
      },
      {
        keyed: [
          { name: 'a', size: 1 },
          { name: 'b', zone: 'any' },
          { name: 'c', size: 2 },
        ],
      },
    ],
    [
      "the configuration's order is the order of its items",
      custom,
      { set: ['a', 'x', 'b', 'y', 'c'] },
      { set: ['c', 'b', 'new', 'a'] },
      { set: ['x', 'y', 'c', 'b', 'new', 'a'] },
    ],
    [
      'items that were doubled become one when it is applied',
      custom,
      {
        set: ['b', 'a', 'b'],
        keyed: [
          { name: 'x', size: 1 },
          { name: 'x', size: 2 },
        ],
      },
      { set: ['b'], keyed: [{ name: 'x' }] },
      { set: ['b', 'a'], keyed: [{ name: 'x' }] },
    ],
    [
      'and stay doubled when it is not',
      custom,
      { set: ['b', 'a', 'b'] },
      { set: ['a'] },
      { set: ['b', 'a', 'b'] },
    ],
    [
      'atomic values are replaced',
      pod,
      { spec: { nodeSelector: { a: '1' } } },
      { spec: { nodeSelector: { b: '1' } } },
      { spec: { nodeSelector: { b: '1' } } },
    ],
    [
      'to apply an empty map takes nothing away',
      configMap,
      { data: { a: '1' } },
      { data: {} },
      { data: { a: '1' } },
    ],
    [
      'nor does null',
      configMap,
      { data: { a: '1' }, immutable: true },
      { data: null, immutable: null },
      { data: { a: '1' }, immutable: null },
    ],
    ['an empty list neither', pod, inPod({}), { spec: { containers: [] } }, inPod({})],
    [
      'null gives way to empty and the reverse',
      configMap,
      { data: null, binaryData: {} },
      { data: {}, binaryData: null },
      { data: {}, binaryData: null },
    ],
    [
      'free-form maps are merged, other free-form values replaced',
      custom,
      { any: { a: { b: 1, c: 1 }, d: [1, 2], e: 'x' } },
      { any: { a: { c: 2 }, d: [3], e: { f: 1 } } },
      { any: { a: { b: 1, c: 2 }, d: [3], e: { f: 1 } } },
    ],
  ])('%s', (_name, schema, live, applied, merged) => {
    expect(mergeApplied(live, applied, schema)).toEqual(merged)
  })

  test('gives back the live object when nothing differs', () => {
    const live = { data: { a: '1' }, metadata: { finalizers: ['x', 'y'] } }
    expect(
      mergeApplied(live, { data: { a: '1' }, metadata: { finalizers: ['y'] } }, configMap),
    ).toBe(live)
  })
})
