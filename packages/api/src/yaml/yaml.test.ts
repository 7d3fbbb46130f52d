import fc from 'fast-check'
import { dump, YAML11_SCHEMA } from 'js-yaml'
import { describe, expect, it, test } from 'vitest'
import { encodeJsonText } from '../json/encode.js'
import { parseJson } from '../json/parse.js'
import { splitYamlDocuments } from './documents.js'
import { compareYamlKeys } from './key-order.js'
import { parseYaml, parseYamlStream } from './parse.js'
import { toYaml, toYamlStream } from './print.js'

const parsed = (text: string) => parseYaml(text).value

describe('scalars are those of YAML 1.1', () => {
  test.each<[string, unknown]>([
    ['y', true],
    ['No', false],
    ['ON', true],
    ['off', false],
    ['yES', 'yES'],
    ['~', null],
    ['', null],
    ['Null', null],
    ['0644', 420],
    ['0o17', 15],
    ['0x1F', 31],
    ['0b101', 5],
    ['1_000', 1000],
    ['+1', 1],
    ['-12', -12],
    ['089', 89],
    ['1e3', 1000],
    ['.5', 0.5],
    ['1.', 1],
    ['1.27', 1.27],
    ['1.27.0', '1.27.0'],
    ['22:30', '22:30'],
    ['2024-01-01', '2024-01-01'],
    ['2024-01-01T00:00:00Z', '2024-01-01T00:00:00Z'],
    ['"0644"', '0644'],
    ["'yes'", 'yes'],
    ['!!str 5', '5'],
    ['!!int "5"', 5],
    ['!custom x', 'x'],
    ['=', '='],
    ['-', [null]],
    ['nginx:1.27', 'nginx:1.27'],
    ['100m', '100m'],
  ])('%j is %j', (text, value) => {
    expect(parsed(text)).toEqual(value)
  })

  it('keys become strings', () => {
    expect(parsed('{y: 1, 2: 3, 1.5: 4, ~: 5, "on": 6}')).toEqual({
      true: 1,
      '2': 3,
      '1.5': 4,
      null: 5,
      on: 6,
    })
  })

  it('what JSON has no word for is refused', () => {
    expect(() => parsed('a: .inf')).toThrow('json: unsupported value: +Inf')
  })
})

describe('structure', () => {
  it('aliases are copies, merge keys give way to what is there', () => {
    const text = 'base: &b {a: 1, b: 2}\nderived:\n  b: 3\n  <<: *b\nlist: [*b, &s x, *s]\n'
    const value = parsed(text) as { base: object; list: object[] }
    expect(value).toEqual({
      base: { a: 1, b: 2 },
      derived: { a: 1, b: 3 },
      list: [{ a: 1, b: 2 }, 'x', 'x'],
    })
    expect(value.list[0]).not.toBe(value.base)
  })

  it('a few lines can not stand for billions of nodes', () => {
    const lines = ['a0: &a0 [x,x,x,x,x,x,x,x,x]']
    for (let i = 1; i < 12; i++)
      lines.push(
        `a${i}: &a${i} [${Array(9)
          .fill(`*a${i - 1}`)
          .join(',')}]`,
      )
    expect(() => parsed(lines.join('\n'))).toThrow('yaml: document contains excessive aliasing')
    expect(() => parsed('a: &a [*a]')).toThrow("yaml: anchor 'a' value contains itself")
    expect(() => parsed('a: *b')).toThrow("yaml: unknown anchor 'b' referenced")
  })

  test.each<[string, unknown]>([
    ['a: {\n  b: 1\n}\nc: [\n1,\n]\n', { a: { b: 1 }, c: [1] }],
    ['a: "x\n\n  y\n z"\n', { a: 'x\ny z' }],
    ['a: "x \\\n   y"\n', { a: 'x y' }],
    ["a: 'it''s\n  b'\n", { a: "it's b" }],
    ['a: b\n  c\n\n  d\n', { a: 'b c\nd' }],
    ['a: |\n  x\n   y\n\n  z\n\n', { a: 'x\n y\n\nz\n' }],
    ['a: >-\n  x\n  y\n\n  z\n   w\n', { a: 'x y\nz\n w' }],
    ['a: |+2\n   x\n\nb: 1\n', { a: ' x\n\n', b: 1 }],
    ['- |\n x\n- >\n y\n', ['x\n', 'y\n']],
    ['a:\n- b\n- - c\n  - d\ne:\n', { a: ['b', ['c', 'd']], e: null }],
    ['? a\n: b\n', { a: 'b' }],
    ['[a: b, {c, d: }, "e":1]', [{ a: 'b' }, { c: null, d: null }, { e: 1 }]],
    ['{a:1, http://x/y: z}', { 'a:1': null, 'http://x/y': 'z' }],
    ['a: b # c\n# d\ne:\tf\n', { a: 'b', e: 'f' }],
    ['%YAML 1.1\n--- # x\na: !!str 1\n...\n', { a: '1' }],
    ['a: x - b\n', { a: 'x - b' }],
    ['\ufeffa: 1\r\nb: 2\r\n', { a: 1, b: 2 }],
    ['a: &x\nb: *x\n', { a: null, b: null }],
    ['- &a b\n- *a\n', ['b', 'b']],
    ['"a": 1\n\'b\': 2\n', { a: 1, b: 2 }],
  ])('%j', (text, value) => {
    expect(parsed(text)).toEqual(value)
  })

  it('reads what another library writes, in all its styles', () => {
    const options = fc.record({
      flowLevel: fc.constantFrom(-1, 0, 1),
      lineWidth: fc.constantFrom(-1, 20, 80),
      seqNoIndent: fc.boolean(),
      quoteStyle: fc.constantFrom<'single' | 'double'>('single', 'double'),
    })
    const word = fc.string({ unit: fc.constantFrom(...'ab \n:-#'), maxLength: 60 })
    // Numbers as 08, 0X0, .0E0 and -_0 are none in YAML 1.1, but are to Go's library, and so to us.
    const numbers = /"[-+]?[._]*\d[\w.+-]*"/
    const value = fc
      .jsonValue({ maxDepth: 4, noUnicodeString: true })
      .filter((made) => !numbers.test(JSON.stringify(made)))
    fc.assert(
      fc.property(fc.record({ value, words: fc.array(word) }), options, (written, style) => {
        // Between brackets some plain words of YAML 1.2 are none in 1.1.
        const quotes = { forceQuotes: style.flowLevel >= 0, quoteFlowKeys: true }
        const text = dump(written, { ...style, ...quotes, schema: YAML11_SCHEMA, noRefs: true })
        expect(encodeJsonText(parsed(text))).toEqual(encodeJsonText(written))
      }),
      { numRuns: 500 },
    )
  })

  it('keys that stand again are told with their line; the last counts', () => {
    expect(parseYaml('data:\n  a: "1"\n  b: x\n  a: "2"\n')).toEqual({
      value: { data: { a: '2', b: 'x' } },
      duplicates: ['line 4: key "a" already set in map'],
    })
  })

  it('a stream has documents, also empty ones', () => {
    expect(parseYamlStream('a: 1\n---\n---\nb: 2\n').map(({ value }) => value)).toEqual([
      { a: 1 },
      null,
      { b: 2 },
    ])
    expect(parsed('a: 1\n---\nb: [\n')).toEqual({ a: 1 })
  })

  it('documents are cut as kubectl cuts them', () => {
    expect(splitYamlDocuments('# c\n---\na: 1\n--- # second\nb: 2\n')).toEqual([
      { text: '# c', firstLine: 1 },
      { text: 'a: 1', firstLine: 3 },
      { text: 'b: 2\n', firstLine: 5 },
    ])
    expect(splitYamlDocuments('---\n---\n')).toEqual([])
    expect(() => splitYamlDocuments('a: 1\n--- b\n')).toThrow('invalid Yaml document separator: b')
  })
})

test.each([
  ['a: [', 'yaml: line 1: did not find expected node content'],
  ['a: [1\n', "yaml: line 1: did not find expected ',' or ']'"],
  ['a: {b: 1\n', "yaml: line 1: did not find expected ',' or '}'"],
  ['a:\n  b:\n\tc: 1\n', 'yaml: line 3: found character that cannot start any token'],
  ['a: 1\nb: c: d\n', 'yaml: line 2: mapping values are not allowed in this context'],
  ['a: 1\n b: 2\n', 'yaml: line 2: mapping values are not allowed in this context'],
  ['a:\n    b: 1\n  c: 2\n', 'yaml: line 2: did not find expected key'],
  ['a: 1\nb\nc: 2\n', "yaml: line 3: could not find expected ':'"],
  ['a: "x\n', 'yaml: line 2: found unexpected end of stream'],
  ['a: 1\nb: @x\n', 'yaml: line 2: found character that cannot start any token'],
  ['a: 1\nb: "\\q"\n', 'yaml: line 2: found unknown escape character'],
  ['a: b: c', 'yaml: mapping values are not allowed in this context'],
  ['a: 1\nb: - c\n', 'yaml: line 2: block sequence entries are not allowed in this context'],
  ['a:\n  - b\n - c\n', 'yaml: line 2: did not find expected key'],
  ['a: 1\n- b\n', 'yaml: line 1: did not find expected key'],
  ['- a\nb: c\n', "yaml: line 1: did not find expected '-' indicator"],
  ['a: 1\nb: }\n', 'yaml: line 1: did not find expected node content'],
  ['a: 1\nb: *\n', 'yaml: line 2: did not find expected alphabetic or numeric character'],
  ['a: 1\nb: !x!y z\n', 'yaml: line 1: found undefined tag handle'],
  ['a: 1\nb: |x\n', 'yaml: line 2: did not find expected comment or line break'],
  [
    'a: 1\nb: |\n  x\n\ty\n',
    'yaml: line 4: found a tab character where an indentation space is expected',
  ],
  ['a: 1\nb: "x\n---\n', 'yaml: line 3: found unexpected document indicator'],
  [
    'a: {{ .Values.x }}\n',
    'yaml: invalid map key: map[interface {}]interface {}{".Values.x":interface {}(nil)}',
  ],
  ['a: \u0001', 'yaml: control characters are not allowed'],
])('%j is refused: %s', (text, message) => {
  expect(() => parseYaml(text)).toThrow(expect.objectContaining({ message }))
})

it('goes 1,000 levels deep and no further', () => {
  expect(() => parseYaml('['.repeat(1001))).toThrow('yaml: exceeded max depth of 1000')
  expect(() => parseYaml('- '.repeat(1001))).toThrow('yaml: exceeded max depth of 1000')
})

describe('printing', () => {
  test.each<[string, unknown, string]>([
    [
      'sorted keys, lists at the column of their key',
      { b: [1, { d: 1, c: [] }], a: {} },
      'a: {}\nb:\n- 1\n- c: []\n  d: 1\n',
    ],
    ['lists in lists', [[1, 2], [[3]]], '- - 1\n  - 2\n- - - 3\n'],
    ['numbers inside of keys', { k10: 1, k2: 2, K: 3, _: 4 }, '_: 4\nK: 3\nk2: 2\nk10: 1\n'],
    [
      'what would be read as something else',
      { a: 'y', b: '1', c: '', d: 'null', e: '2024-01-01', f: '12:30', g: '0x1', h: '1e3' },
      'a: "y"\nb: "1"\nc: ""\nd: "null"\ne: "2024-01-01"\nf: "12:30"\ng: "0x1"\nh: "1e3"\n',
    ],
    [
      'what is no plain scalar',
      { a: '*/5 * * * *', b: 'x: y', c: "it's", d: '- a', e: ' x', f: 'a #b', g: '@' },
      "a: '*/5 * * * *'\nb: 'x: y'\nc: it's\nd: '- a'\ne: ' x'\nf: 'a #b'\ng: '@'\n",
    ],
    [
      'lines',
      { a: 'x\ny\n', b: 'x\ny', c: 'x\n\n', d: ' x\ny\n', e: 'x \ny' },
      'a: |\n  x\n  y\nb: |-\n  x\n  y\nc: |+\n  x\n\nd: |2\n   x\n  y\ne: "x \\ny"\n',
    ],
    [
      'what can not be printed as it is',
      { a: 'a\tb', b: '\u{1f600}', c: 'é' },
      'a: "a\\tb"\nb: "\\U0001F600"\nc: é\n',
    ],
    [
      'numbers',
      { a: 1, b: 0.25, c: 1e21, d: 1234567.5, e: true, f: null },
      'a: 1\nb: 0.25\nc: 1e+21\nd: 1234567.5\ne: true\nf: null\n',
    ],
    [
      'a long line is broken at a space',
      { message: `Invalid value: ${'x'.repeat(60)} and more words` },
      `message: 'Invalid value: ${'x'.repeat(60)}\n  and more words'\n`,
    ],
    ['a long key', { ['k'.repeat(130)]: 1 }, `? ${'k'.repeat(130)}\n: 1\n`],
  ])('%s', (_, value, text) => {
    expect(toYaml(value)).toBe(text)
  })

  it('is undone by parsing', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(parsed(toYaml(value))).toEqual(parseJson(JSON.stringify(value)).value)
      }),
      { numRuns: 500 },
    )
  })

  it('keeps every string', () => {
    const text = fc.string({ unit: fc.constantFrom(...'ab1 :#-\n\t"\'\\é.'), maxLength: 120 })
    fc.assert(
      fc.property(text, (string) => {
        expect(parsed(toYaml({ list: [string], key: string }))).toEqual({
          list: [string],
          key: string,
        })
      }),
      { numRuns: 1000 },
    )
  })

  it('writes streams', () => {
    expect(toYamlStream([{ a: 1 }, 'b'])).toBe('a: 1\n---\nb\n')
  })

  it('orders keys the same way from both sides', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (a, b) => {
        expect(Math.sign(compareYamlKeys(a, b)) + Math.sign(compareYamlKeys(b, a))).toBe(0)
      }),
    )
  })
})
