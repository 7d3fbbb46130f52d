import { FieldSet } from '@miniplane/api'
import { expect, it } from 'vitest'
import { FieldShapes } from './field-shapes.js'

const set = (value: unknown) => FieldSet.fromFieldsV1(value)
const status = (ip: string) => ({
  'f:status': {
    'f:conditions': { 'f:a': {} },
    'f:ips': { [`k:{"ip":"${ip}"}`]: { '.': {}, 'f:ip': {} } },
  },
})

it('equal sets are written once', () => {
  const shapes = new FieldShapes()
  expect(shapes.write(set(status('1')))).toBe(shapes.write(set(status('1'))))
})

it('sets that differ share what does not', () => {
  const shapes = new FieldShapes()
  const write = (value: object) => shapes.write(set(value)) as ReturnType<typeof status>
  const [a, b] = [write(status('1')), write(status('2'))]
  expect([a, b]).toEqual([status('1'), status('2')])
  expect(a['f:status']['f:conditions']).toBe(b['f:status']['f:conditions'])
})

it('what was written is read without being parsed, as long as it is used now and then', () => {
  const shapes = new FieldShapes()
  const [first, often] = [set(status('first')), set(status('often'))]
  const written = shapes.write(first)
  const used = shapes.write(often)
  for (let i = 0; i < 2_000; i++) {
    shapes.write(set(status(`${i}`)))
    expect(shapes.read(used)).toBe(often)
  }
  expect(shapes.read(written)).not.toBe(first)
  expect(shapes.read(written).equals(first)).toBe(true)
})
