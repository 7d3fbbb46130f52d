import { WireReader } from '@miniplane/api'
import { expect, test } from 'vitest'
import { encodeGnostic } from './gnostic.js'

/** The length-delimited fields of a message: their number and their bytes. */
function fieldsOf(bytes: Uint8Array): [number, Uint8Array][] {
  const reader = new WireReader(bytes)
  const fields: [number, Uint8Array][] = []
  while (!reader.isAtEnd) {
    const field = reader.nextField()
    expect(reader.wireType).toBe(2)
    fields.push([field, reader.bytes()])
  }
  return fields
}

/** What stands at a path of field numbers, where each is the only one with its number. */
function at(bytes: Uint8Array, ...path: number[]): string {
  let found = bytes
  for (const number of path) {
    const matches = fieldsOf(found).filter(([field]) => field === number)
    expect(matches).toHaveLength(1)
    found = matches[0]?.[1] ?? found
  }
  return Buffer.from(found).toString()
}

const PATHS = 8
const DEFINITIONS = 9

test('a definition is a named schema; its extensions are text', () => {
  const kinds = [{ group: '', version: 'v1', kind: 'Thing' }]
  const bytes = encodeGnostic(
    {
      swagger: '2.0',
      definitions: {
        Thing: {
          type: 'object',
          properties: { sizes: { type: 'array', items: { $ref: '#/definitions/Size' } } },
          'x-kubernetes-group-version-kind': kinds,
        },
      },
    },
    2,
  )
  expect(at(bytes, 1)).toBe('2.0')
  expect(at(bytes, DEFINITIONS, 1, 1)).toBe('Thing')
  expect(at(bytes, DEFINITIONS, 1, 2, 22, 1)).toBe('object')
  const property = [DEFINITIONS, 1, 2, 25, 1]
  expect(at(bytes, ...property, 1)).toBe('sizes')
  expect(at(bytes, ...property, 2, 23, 1, 1)).toBe('#/definitions/Size')
  expect(at(bytes, DEFINITIONS, 1, 2, 31, 1)).toBe('x-kubernetes-group-version-kind')
  expect(JSON.parse(at(bytes, DEFINITIONS, 1, 2, 31, 2, 2))).toEqual(kinds)
})

test.each([
  { where: 'body', at: [1, 3] },
  { where: 'query', at: [2, 3, 2] },
  { where: 'path', at: [2, 4, 2] },
])('a parameter in the $where is a message of its own', ({ where, at: path }) => {
  const parameter = { name: 'one', in: where }
  const bytes = encodeGnostic({ paths: { '/things': { patch: { parameters: [parameter] } } } }, 2)
  expect(at(bytes, PATHS, 2, 1)).toBe('/things')
  expect(at(bytes, PATHS, 2, 2, 8, 8, 1, ...path)).toBe(where)
})

test('lengths of more than a byte', () => {
  const title = 'x'.repeat(300)
  expect(at(encodeGnostic({ info: { title } }, 2), 2, 1)).toBe(title)
})

test('the document of version 3 has the same in other places', () => {
  const bytes = encodeGnostic(
    {
      openapi: '3.0.0',
      components: { schemas: { Size: { type: 'string', default: 'x' } } },
      paths: { '/things': { get: { responses: { 200: { description: 'OK' } } } } },
    },
    3,
  )
  expect(at(bytes, 5, 1, 1, 1)).toBe('Size')
  expect(at(bytes, 5, 1, 1, 2, 1, 25)).toBe('string')
  expect(at(bytes, 5, 1, 1, 2, 1, 33, 3)).toBe('x')
  expect(at(bytes, 4, 1, 2, 4, 8, 2, 2, 1, 1)).toBe('OK')
})
