import fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'
import { encodeJson, encodeJsonText } from './encode.js'
import { deepCopy, isEqual, semanticEqual } from './equality.js'
import { jsonSyntaxError, parseEncodedJson, parseJson } from './parse.js'
import { strictDecodingErrors } from './strict-errors.js'

describe('mistakes are named as Go names them', () => {
  test.each([
    ['', 'unexpected end of JSON input'],
    ['{', 'unexpected end of JSON input'],
    ['{"spec":', 'unexpected end of JSON input'],
    ['{"a":1', 'unexpected end of JSON input'],
    ['[1,', 'unexpected end of JSON input'],
    ['"a', 'unexpected end of JSON input'],
    ['nul', "invalid character ' ' in literal null (expecting 'l')"],
    ['-', "invalid character ' ' in numeric literal"],
    ['[1.', "invalid character ' ' after decimal point in numeric literal"],
    ['"\\', "invalid character ' ' in string escape code"],
    ['not json at all', "invalid character 'o' in literal null (expecting 'u')"],
    ['garbage', "invalid character 'g' looking for beginning of value"],
    ['{"a":1}trailing', "invalid character 't' after top-level value"],
    ['{a:1}', "invalid character 'a' looking for beginning of object key string"],
    ['{"a" 1}', "invalid character '1' after object key"],
    ['{"a":1 "b":2}', "invalid character '\"' after object key:value pair"],
    ['{"a":1,}', "invalid character '}' looking for beginning of object key string"],
    ['[1 2]', "invalid character '2' after array element"],
    ['[1,]', "invalid character ']' looking for beginning of value"],
    ['"a\nb"', "invalid character '\\n' in string literal"],
    ['"\\x"', "invalid character 'x' in string escape code"],
    ['"\\u12g4"', "invalid character 'g' in \\u hexadecimal character escape"],
    ['01', "invalid character '1' after top-level value"],
    ['-a', "invalid character 'a' in numeric literal"],
    ['1.a', "invalid character 'a' after decimal point in numeric literal"],
    ['1ea', "invalid character 'a' in exponent of numeric literal"],
    ["{'a':1}", "invalid character '\\'' looking for beginning of object key string"],
    ['\ufeff{}', "invalid character 'ï' looking for beginning of value"],
  ])('%j', (text, message) => {
    expect(() => parseJson(text)).toThrow(message)
    expect(() => parseJson(new TextEncoder().encode(text))).toThrow(message)
    expect(jsonSyntaxError(text)).toBe(message)
  })

  it('agrees with the engine on what is JSON', () => {
    fc.assert(
      fc.property(
        fc.json(),
        fc.nat(),
        fc.string({ minLength: 1, maxLength: 1 }),
        (json, position, character) => {
          const at = position % (json.length + 1)
          const broken = json.slice(0, at) + character + json.slice(at + 1)
          let valid = true
          try {
            JSON.parse(broken)
          } catch (error) {
            valid = !(error instanceof SyntaxError)
          }
          expect(jsonSyntaxError(broken) === undefined).toBe(valid)
        },
      ),
    )
  })

  it('goes 1,000 levels deep and no further', () => {
    const nested = (depth: number) => '['.repeat(depth) + ']'.repeat(depth)
    expect(() => parseJson(nested(1000))).not.toThrow()
    expect(() => parseJson(nested(1001))).toThrow('exceeded max depth')
  })
})

describe('halves of surrogate pairs', () => {
  it('are replaced, as no UTF-8 could hold them', () => {
    const text = String.raw`{"\udc00":["a\ud800b","\uD83D\uDE00","\\ud800",{"__proto__":"\uDFFF"}]}`
    const { value } = parseJson(text)
    expect(encodeJsonText(value)).toBe(String.raw`{"�":["a�b","😀","\\ud800",{"__proto__":"�"}]}`)
  })
})

describe('keys that stand twice', () => {
  test.each([
    ['{"a":1}', []],
    ['{"a":1,"a":2}', ['a']],
    ['{"data":{"k":"1","k":"2","k":"3"},"x":{"k":1}}', ['data.k']],
    ['{"l":[{"a":1},{"b":1,"b":2}]}', ['l[1].b']],
    ['{"a\\u0062":1,"ab":2}', ['ab']],
    ['{"a":"{\\"x\\":1}","b":"::"}', []],
  ])('%s: %j', (text, duplicates) => {
    expect(parseJson(text, { findDuplicates: true }).duplicates).toEqual(duplicates)
    expect(parseJson(text).duplicates).toEqual([])
  })

  it('are none in what an encoder wrote', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const parsed = parseJson(JSON.stringify(value), { findDuplicates: true })
        expect(parsed.duplicates).toEqual([])
      }),
    )
  })

  it('are told in the order of the body, together with unknown fields, and not inside those', () => {
    const body = '{"bogus":{"x":1,"x":2},"data":{"k":"1","k":"2"},"other":1}'
    const { duplicates } = parseJson(body, { findDuplicates: true })
    expect(strictDecodingErrors(body, ['other', 'bogus'], duplicates)).toEqual([
      'unknown field "bogus"',
      'duplicate field "data.k"',
      'unknown field "other"',
    ])
  })
})

describe('a key that stands twice is read into what stands there', () => {
  test.each([
    ['{"a":1,"a":2}', { a: 2 }],
    ['{"a":{"x":1,"y":1},"a":{"y":2}}', { a: { x: 1, y: 2 } }],
    ['{"a":[{"x":1},{"x":2}],"a":[{"y":3}]}', { a: [{ x: 1, y: 3 }] }],
    ['{"a":[{"x":1}],"a":[{"y":2},{"y":3}]}', { a: [{ x: 1, y: 2 }, { y: 3 }] }],
    ['{"a":1,"a":null,"b":{"x":1},"b":null,"c":null,"c":{"x":1}}', { a: 1, b: null, c: { x: 1 } }],
    ['{"__proto__":{"x":1},"__proto__":{"y":2}}', JSON.parse('{"__proto__":{"x":1,"y":2}}')],
  ])('%s', (text, value) => {
    expect(parseJson(text).value).toEqual(value)
  })
})

describe('whole numbers', () => {
  const LARGE = [
    '9007199254740992',
    '-9007199254740993',
    '9223372036854775807',
    '-9223372036854775808',
  ]

  test.each(LARGE)('keep the digits of 64 bits: %s', (digits) => {
    const text = `{"a":[${digits},{"b":"${digits}"}],"c":${digits}}`
    const { value } = parseJson(text)
    expect(value).toEqual({ a: [BigInt(digits), { b: digits }], c: BigInt(digits) })
    expect(encodeJsonText(value)).toBe(text)
    expect(parseEncodedJson(text)).toEqual(value)
    expect(isEqual(deepCopy(value), value)).toBe(true)
  })

  it('are doubles beyond, and numbers where a number is exact', () => {
    expect(parseJson('[9223372036854775808,9007199254740991,1234567890123456]').value).toEqual([
      2 ** 63,
      Number.MAX_SAFE_INTEGER,
      1234567890123456,
    ])
  })

  it('are no strings that look like what marks them', () => {
    const value = [2n ** 60n, '\\ud8001', '"\\ud8001"', '\\"\\ud80012"', '<']
    expect(parseJson(encodeJsonText(value)).value).toEqual(value)
  })
})

describe('encoding', () => {
  it('escapes what Go escapes', () => {
    expect(encodeJsonText({ a: '<b>&\u2028' })).toBe('{"a":"\\u003cb\\u003e\\u0026\\u2028"}')
    expect(new TextDecoder().decode(encodeJson(['ü']))).toBe('["ü"]')
  })

  it('is undone by parsing', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(encodeJsonText(parseJson(encodeJson(value)).value)).toBe(encodeJsonText(value))
      }),
    )
  })
})

describe('equality', () => {
  it('does not see the order of keys, nor what is undefined', () => {
    expect(isEqual({ a: 1, b: [{}] }, { b: [{}], a: 1, c: undefined })).toBe(true)
    expect(isEqual({ a: null }, {})).toBe(false)
    expect(isEqual([], {})).toBe(false)
  })

  it('semantically, empty and absent lists and maps are one', () => {
    expect(semanticEqual({ a: [], b: {}, c: null }, {})).toBe(true)
    expect(semanticEqual({ a: 0 }, {})).toBe(false)
    expect(semanticEqual({ volume: { emptyDir: {}, name: 'x' } }, { volume: { name: 'x' } })).toBe(
      true,
    )
    expect(semanticEqual([1, []], [1, null])).toBe(true)
  })

  it('copies are equal and share nothing', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(isEqual(deepCopy(value), value)).toBe(true)
      }),
    )
    const inner = { a: 1 }
    expect(deepCopy({ inner }).inner).not.toBe(inner)
    expect(Object.keys(deepCopy(JSON.parse('{"__proto__":{"x":1}}')))).toEqual(['__proto__'])
  })
})
