import { describe, expect, it } from 'vitest'
import { indentJson } from './indent.js'

describe('indentJson', () => {
  it.each([
    ['{"a":1,"b":[1,{"c":null}]}\n', { a: 1, b: [1, { c: null }] }],
    ['{"a":{},"b":[],"c":[{}]}', { a: {}, b: [], c: [{}] }],
    [String.raw`{"a{,":"}]:\"\\","b":"\\\""}`, { 'a{,': '}]:"\\', b: '\\"' }],
    ['[]', []],
    ['"a:b"', 'a:b'],
  ])('writes %s as JSON.stringify would', (text, value) => {
    expect(indentJson(text)).toBe(JSON.stringify(value, undefined, 2))
  })

  it('keeps the order of keys and the digits of numbers', () => {
    expect(indentJson('{"10":12345678901234567890,"9":1.0}')).toBe(
      '{\n  "10": 12345678901234567890,\n  "9": 1.0\n}',
    )
  })
})
