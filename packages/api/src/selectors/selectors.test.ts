import fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'
import { parseFieldSelector } from './field-matcher.js'
import { LabelMatcher, labelSelectorFrom } from './label-matcher.js'
import { parseLabelSelector } from './parse-label-selector.js'

describe('label selectors', () => {
  test.each<[string, Record<string, string>, boolean]>([
    ['', {}, true],
    ['app=web', { app: 'web' }, true],
    ['app==web', { app: 'web' }, true],
    ['app=web', { app: 'db' }, false],
    ['app=web', {}, false],
    ['app=', { app: '' }, true],
    ['app!=web', {}, true],
    ['app!=web', { app: 'web' }, false],
    ['app', { app: 'x' }, true],
    ['!app', { app: 'x' }, false],
    ['!app', {}, true],
    ['app in (web, db)', { app: 'db' }, true],
    ['app in (web,db)', {}, false],
    ['app notin (web,db)', {}, true],
    ['app notin (web,db)', { app: 'db' }, false],
    ['app in ()', { app: '' }, true],
    ['n>5', { n: '6' }, true],
    ['n>5', { n: '5' }, false],
    ['n<5', { n: 'x' }, false],
    [' a = b , c ', { a: 'b', c: '' }, true],
    ['in', { in: 'x' }, true],
    ['in in (in,notin)', { in: 'notin' }, true],
    ['constructor', {}, false],
  ])('%s matches %j: %s', (text, labels, matches) => {
    expect(parseLabelSelector(text).matches(labels)).toBe(matches)
  })

  test.each([
    ['tier===', "unable to parse requirement: found '=', expected: identifier"],
    ['a b', "unable to parse requirement: found 'b', expected: in, notin, =, ==, !=, gt, lt"],
    [',', "found ',', expected: !, identifier, or 'end of string'"],
    ['a=b,', "found '', expected: identifier after ','"],
    ['a=b c', "found 'c', expected: ',' or 'end of string'"],
    ['!', "unable to parse requirement: found '', expected: identifier"],
    ['!!a', "unable to parse requirement: found '!', expected: identifier"],
    ['a in web', "unable to parse requirement: found 'web' expected: '('"],
    ['a in (', "unable to parse requirement: found '', expected: ',', ')' or identifier"],
    [
      'a>x',
      `unable to parse requirement: values[0]: Invalid value: "x": for 'Gt', 'Lt' operators, the value must be an integer`,
    ],
    ['a/b/c', 'unable to parse requirement: <nil>: Invalid value: "a/b/c": a valid label key must'],
    [
      `app=${'v'.repeat(64)}`,
      `unable to parse requirement: values[0][app]: Invalid value: "${'v'.repeat(64)}": must be no more than 63 bytes`,
    ],
  ])('%s is refused: %s', (text, message) => {
    expect(() => parseLabelSelector(text)).toThrow(message)
  })

  const word = fc.stringMatching(/^[a-z]([a-z0-9.-]{0,8}[a-z0-9])?$/)
  const term = fc.oneof(
    word,
    word.map((key) => `!${key}`),
    fc.tuple(word, fc.constantFrom('=', '==', '!='), word).map((parts) => parts.join('')),
    fc
      .tuple(word, fc.constantFrom('in', 'notin'), fc.array(word, { minLength: 1, maxLength: 3 }))
      .map(([key, operator, values]) => `${key} ${operator} (${values.join(',')})`),
  )

  it('printing and parsing keep the selector', () => {
    fc.assert(
      fc.property(fc.array(term, { maxLength: 4 }), (terms) => {
        const once = parseLabelSelector(terms.join(','))
        expect(parseLabelSelector(once.toString())).toEqual(once)
      }),
    )
  })

  it('comes from objects: absent selects nothing, empty everything', () => {
    expect(labelSelectorFrom(undefined).matches({ a: 'b' })).toBe(false)
    expect(labelSelectorFrom({}).matches({ a: 'b' })).toBe(true)
    const selector = labelSelectorFrom({
      matchLabels: { app: 'web' },
      matchExpressions: [{ key: 'tier', operator: 'NotIn', values: ['x', 'b'] }],
    })
    expect(selector.toString()).toBe('app=web,tier notin (b,x)')
    expect(selector.matches({ app: 'web' })).toBe(true)
    expect(() => labelSelectorFrom({ matchExpressions: [{ key: 'a', operator: 'Bad' }] })).toThrow(
      '"Bad" is not a valid label selector operator',
    )
  })

  it('tells the one value that a key must have', () => {
    expect(parseLabelSelector('a=b,c!=d').exactValue('a')).toBe('b')
    expect(parseLabelSelector('a=b,c!=d').exactValue('c')).toBeUndefined()
    expect(LabelMatcher.everything.isEverything).toBe(true)
  })
})

describe('field selectors', () => {
  const pod: Record<string, string> = { 'spec.nodeName': 'a', 'status.phase': 'Running' }
  test.each([
    ['', true],
    ['spec.nodeName=a', true],
    ['spec.nodeName==a,status.phase!=Failed', true],
    ['spec.nodeName!=a', false],
    ['metadata.name=', true],
  ])('%j: %s', (text, matches) => {
    expect(parseFieldSelector(text).matches((field) => pod[field])).toBe(matches)
  })

  it.each(['=', '==', '!=', '=,!='])('%j asks nothing of nothing', (text) => {
    expect(parseFieldSelector(text).isEverything).toBe(true)
  })

  it('keeps escaped characters in values', () => {
    const selector = parseFieldSelector('a=x\\,y\\=z\\\\,b=c')
    expect(selector.requirements).toEqual([
      { field: 'a', operator: '=', value: 'x,y=z\\' },
      { field: 'b', operator: '=', value: 'c' },
    ])
    expect(parseFieldSelector(selector.toString())).toEqual(selector)
  })

  test.each([
    ['nope', "invalid selector: 'nope'; can't understand 'nope'"],
    ['a=b,c', "invalid selector: 'a=b,c'; can't understand 'c'"],
    ['a=b=c', 'invalid field selector: unescaped character in value: 61'],
    ['a=\\x', 'invalid field selector: invalid escape sequence: \\x'],
  ])('%s is refused: %s', (text, message) => {
    expect(() => parseFieldSelector(text)).toThrow(message)
  })
})
