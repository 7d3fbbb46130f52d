import { readdirSync, readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { seededRandom } from '../chance/seeded-random.js'
import { builtinResources, namedSchema, schemaNames } from '../schema/builtin-model.js'
import { DecodeError, decodeObject } from '../schema/decode.js'
import { randomObject } from '../schema/random-object.js'
import type { StructSchema } from '../schema/schema.js'
import { decodeMessage } from './decode-message.js'
import { encodeMessage } from './encode-message.js'
import { openEnvelope, sealEnvelope } from './envelope.js'
import { WireError } from './wire-reader.js'

const corpus = new URL('../../../../test/corpus/protobuf/', import.meta.url)

/** One answer of a real server in both forms. */
interface Sample {
  readonly json: { readonly kind: string; readonly apiVersion: string }
  readonly base64: string
}

const sample = (file: string) => JSON.parse(readFileSync(new URL(file, corpus), 'utf8')) as Sample

function schemaOf({ kind, apiVersion }: { kind: string; apiVersion: string }): StructSchema {
  if (kind === 'Status') return namedSchema('meta.v1.Status')
  const prefix = apiVersion.includes('/') ? apiVersion.replace('/', '.') : `core.${apiVersion}`
  return namedSchema(`${prefix}.${kind}`)
}

const bytesOf = (file: string) => Buffer.from(sample(file).base64, 'base64')

describe('what a real server answered', () => {
  it.each(readdirSync(corpus))('%s: its JSON becomes its very bytes', (file) => {
    const { json } = sample(file)
    const { object } = decodeObject(json, schemaOf(json))
    const raw = encodeMessage(object, schemaOf(json))
    const { kind, apiVersion } = json
    expect(sealEnvelope({ kind, apiVersion, raw }).equals(bytesOf(file))).toBe(true)
  })

  it.each(readdirSync(corpus))('%s: its bytes become its JSON', (file) => {
    const { json } = sample(file)
    const { apiVersion, kind, raw } = openEnvelope(bytesOf(file))
    const schema = schemaOf({ apiVersion, kind })
    const { object } = decodeObject({ kind, apiVersion, ...decodeMessage(raw, schema) }, schema)
    // Only the envelope has a type, so what is inside (a template for claims) comes without.
    const expected = JSON.stringify(json).replaceAll(
      '{"kind":"PersistentVolumeClaim","apiVersion":"v1",',
      '{',
    )
    expect(object).toEqual(JSON.parse(expected))
  })
})

describe('bytes that are no object', () => {
  const bytes = bytesOf('configmap.json')

  it.each<[string, Buffer, string]>([
    ['nothing', Buffer.alloc(0), 'empty data'],
    ['JSON', Buffer.from('{"kind":"ConfigMap"}'), 'expected prefix [107 56 115 0]'],
    ['only the prefix', bytes.subarray(0, 4), 'empty body'],
    ['an envelope cut short', bytes.subarray(0, 40), 'unexpected EOF'],
    ['a varint without end', Buffer.from('6b387300ffffff', 'hex'), 'unexpected EOF'],
    ['a varint too long', Buffer.from(`6b387300${'ff'.repeat(11)}`, 'hex'), 'integer overflow'],
  ])('are refused: %s', (_, given, message) => {
    expect(() => openEnvelope(given)).toThrow(WireError)
    expect(() => openEnvelope(given)).toThrow(message)
  })

  it.each<[string, string, string]>([
    ['a number where a message should be', '0801', 'proto: wrong wireType = 0 for field Metadata'],
    ['field 0', '0000', 'proto: illegal tag 0 (wire type 0)'],
    ['the end of a group that never began', '0c', 'wiretype end group for non-group'],
    ['a message longer than its outer one', '0a05', 'unexpected EOF'],
  ])('are refused: %s', (_, hex, message) => {
    const schema = namedSchema('core.v1.ConfigMap')
    expect(() => decodeMessage(Buffer.from(hex, 'hex'), schema)).toThrow(message)
  })
})

/** Every kind that is served, and what travels inside or beside them. */
const TRAVELLING = [
  ...new Set([
    ...builtinResources().map(({ schema }) => schema.name),
    ...schemaNames().filter((name) => /List$/.test(name) && !name.startsWith('audit.')),
    'authentication.k8s.io.v1.TokenRequest',
    'autoscaling.v1.Scale',
    'core.v1.Binding',
    'meta.v1.APIGroupList',
    'meta.v1.APIResourceList',
    'meta.v1.DeleteOptions',
    'meta.v1.PartialObjectMetadata',
    'meta.v1.Status',
    'policy.v1.Eviction',
  ]),
]

describe('objects made by chance', () => {
  it.each(TRAVELLING)('%s: a message holds the whole object', (name) => {
    const schema = namedSchema(name)
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        const object = randomObject(seededRandom(seed), schema)
        const bytes = encodeMessage(object, schema)
        const { object: again } = decodeObject(decodeMessage(bytes, schema), schema)
        expect(again).toEqual(object)
        expect(encodeMessage(again, schema).equals(bytes)).toBe(true)
      }),
      { numRuns: 10 },
    )
  })

  it('a message that was damaged is an object or an error, and never anything else', () => {
    const kinds = builtinResources().map(({ schema }) => schema)
    fc.assert(
      fc.property(
        fc.integer(),
        fc.nat(kinds.length - 1),
        fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 8 }),
        fc.nat(),
        (seed, index, damage, cut) => {
          const schema = kinds[index] as StructSchema
          const whole = encodeMessage(randomObject(seededRandom(seed), schema), schema)
          for (const [at, byte] of damage) whole[at % whole.length] = byte
          const bytes = cut % 3 === 0 ? whole.subarray(0, cut % whole.length) : whole
          try {
            const { object } = decodeObject(decodeMessage(bytes, schema), schema)
            encodeMessage(object, schema)
          } catch (error) {
            if (!(error instanceof WireError || error instanceof DecodeError)) throw error
          }
        },
      ),
      { numRuns: 1_000 },
    )
  })
})
