import type { Random } from '../chance/random.js'
import { setOwn } from '../json/equality.js'
import { formatMicroTime, formatTime } from '../machinery/time.js'
import { decodeObject } from './decode.js'
import type { ScalarName, Schema, StructSchema } from './schema.js'

/** Beyond this depth only what has no parts is made. */
const DEPTH_MAX = 6
const ITEMS_MAX = 2

const TEXTS = [
  '',
  'a',
  'web-0',
  'x<y>&z',
  'ü€😀',
  '﻿mark',
  'a"b\\c\n',
  'k8s.io/name',
  'Ж'.repeat(70),
]
const KEYS = ['a', 'app.kubernetes.io/name', 'z', 'B', '10', 'ключ', '😀', '￼']
const QUANTITIES = ['0', '1', '100m', '1Gi', '1500Mi', '2e3', '-5', '1n', '123456789012k']
const NUMBERS = [0, 1, -1, 7, 127, 128, 300, 65_535, 2 ** 31 - 1, -(2 ** 31)]
const LARGE = [...NUMBERS, 2 ** 31, 2 ** 35 + 1, Number.MAX_SAFE_INTEGER, -(2 ** 40)]
const LARGEST = [2n ** 53n + 1n, 2n ** 63n - 1n, -(2n ** 63n)]
const FREE = [{ a: [1, 'x', null] }, 'text', 3, true, [], {}, [{ b: '<' }]]
const FIELDS = [{ 'f:metadata': { 'f:labels': { '.': {} } } }, {}]

const pick = <T>(random: Random, from: readonly T[]): T =>
  from[Math.floor(random.next() * from.length)] as T

/** At least one: a list or map without any is none on the wire. */
const someItems = (random: Random) => 1 + Math.floor(random.next() * ITEMS_MAX)

/**
 * For tests: any object that the schema allows, in the form of `decodeObject`: each field is there or not, as
 * chance has it, but for lists, maps and bytes that are empty.
 */
export function randomObject(
  random: Random,
  schema: StructSchema,
  type: { kind?: string; apiVersion?: string } = {},
): Record<string, unknown> {
  return decodeObject({ ...type, ...randomStruct(random, schema, 0) }, schema).object
}

function randomStruct(random: Random, schema: StructSchema, depth: number) {
  const object: Record<string, unknown> = {}
  for (const { name, schema: of } of schema.fields.values()) {
    if (random.next() < 0.1 + depth * 0.12) continue
    const value = randomValue(random, of, depth + 1)
    if (value !== undefined) object[name] = value
  }
  return object
}

function randomValue(random: Random, schema: Schema, depth: number): unknown {
  switch (schema.type) {
    case 'struct':
      return depth > DEPTH_MAX ? undefined : randomStruct(random, schema, depth)
    case 'list':
      return randomList(random, schema.items, depth)
    case 'map': {
      const map: Record<string, unknown> = {}
      for (let left = someItems(random); left > 0; left--)
        setOwn(map, pick(random, KEYS), randomValue(random, schema.values, depth + 1) ?? {})
      return map
    }
    case 'scalar':
      if (!schema.object) return randomScalar(random, schema.scalar)
      if (depth > DEPTH_MAX) return undefined
      if (random.next() < 0.5) return randomStruct(random, schema.object, depth + 1)
      return schema.items ? randomList(random, schema.items, depth) : random.next() < 0.5
  }
}

function randomList(random: Random, items: Schema, depth: number): unknown[] | undefined {
  const isStruct = items.type === 'struct' || (items.type === 'scalar' && items.object)
  if (isStruct && depth > DEPTH_MAX) return undefined
  return Array.from(
    { length: someItems(random) },
    () => randomValue(random, items, depth + 1) ?? {},
  )
}

function randomScalar(random: Random, scalar: ScalarName): unknown {
  switch (scalar) {
    case 'string':
      return pick(random, TEXTS)
    case 'int32':
      return pick(random, NUMBERS)
    case 'int64':
      return pick<number | bigint>(random, [...LARGE, ...LARGEST])
    case 'bool':
      return random.next() < 0.5
    case 'double':
      return pick(random, [...LARGE, 0.5, -1e-9, 1e300])
    case 'bytes':
      return Buffer.from(random.bytes(1 + Math.floor(random.next() * 5))).toString('base64')
    case 'quantity':
      return pick(random, QUANTITIES)
    case 'intOrString':
      return random.next() < 0.5
        ? pick(random, NUMBERS.slice(0, 8))
        : pick(random, ['80%', 'http', ''])
    case 'time':
      return formatTime(randomMs(random))
    case 'microTime':
      return formatMicroTime(randomMs(random) + Math.floor(random.next() * 1e6) / 1000)
    case 'duration':
      return pick(random, ['0s', '1m30s', '1h0m0.5s', '-1ms'])
    case 'fieldsV1':
      return pick(random, FIELDS)
    case 'raw':
    case 'json':
      return pick(random, FREE)
  }
}

const randomMs = (random: Random) =>
  pick(random, [0, -1000, 1_700_000_000_000, Math.floor(random.next() * 1e13)])
