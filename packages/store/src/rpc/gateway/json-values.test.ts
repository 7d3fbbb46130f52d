import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { JsonValues } from './json-values.js'

describe('JSON objects one after the other', () => {
  it('are found however the bytes are cut', () => {
    fc.assert(
      fc.property(
        fc.array(fc.dictionary(fc.string({ unit: 'grapheme' }), fc.jsonValue()), { maxLength: 5 }),
        fc.integer({ min: 1, max: 7 }),
        (objects, size) => {
          const bytes = Buffer.from(objects.map((object) => JSON.stringify(object)).join(' \n'))
          const values = new JsonValues(1 << 20)
          const found: unknown[] = []
          for (let at = 0; at < bytes.length; at += size) {
            found.push(...values.push(bytes.subarray(at, at + size)))
          }
          values.end()
          expect(found).toEqual(JSON.parse(JSON.stringify(objects)))
        },
      ),
    )
  })

  it('are no longer than the limit', () => {
    const values = new JsonValues(10)
    expect(() => [...values.push(Buffer.from('{"a":"12345678'))]).toThrow(
      'larger than max (14 vs. 10)',
    )
  })
})
