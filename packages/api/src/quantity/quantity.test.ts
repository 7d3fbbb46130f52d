import fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'
import { canonicalQuantity, parseQuantity, Quantity, quantityEquals } from './quantity.js'

describe('canonical form', () => {
  test.each([
    ['0', '0'],
    ['-0', '0'],
    ['0.0', '0'],
    ['1000m', '1'],
    ['1500m', '1500m'],
    ['1.5', '1500m'],
    ['0.1', '100m'],
    ['.5', '500m'],
    ['0.0001', '100u'],
    ['1024Mi', '1Gi'],
    ['1.5Gi', '1536Mi'],
    ['1023', '1023'],
    ['512Ki', '512Ki'],
    ['0.5Ki', '512'],
    ['1.5Ki', '1536'],
    ['0.0005Ki', '512m'],
    ['1073741824', '1073741824'],
    ['2048M', '2048M'],
    ['1000M', '1G'],
    ['1e9', '1e9'],
    ['12e2', '1200'],
    ['1e3', '1e3'],
    ['100e-3', '100e-3'],
    ['1E', '1E'],
    ['-5Mi', '-5Mi'],
    ['1n', '1n'],
    ['0.1n', '1n'],
    ['-0.1n', '-1n'],
    ['1234567890123', '1234567890123'],
    ['16Ei', '9223372036854775807'],
    ['00.5', '500m'],
    ['1.50', '1500m'],
    ['1.5000', '1500m'],
    ['Gi', '0'],
    ['m', '0'],
    ['-.', '0'],
    // There is no suffix for 10^21, and so it is lost.
    ['30000E', '30'],
  ])('%s → %s', (text, canonical) => {
    expect(parseQuantity(text).toString()).toBe(canonical)
    expect(canonicalQuantity(text)).toBe(canonical)
  })

  it.each(['1.', '1E9', '+5', '007', '-007', '1.500', '1.123456', '001Ki', '+5e-3'])(
    '%s is kept as it is',
    (text) => {
      expect(canonicalQuantity(text)).toBe(text)
      expect(canonicalQuantity(` ${text} `)).toBe(text)
    },
  )

  it('takes JSON numbers', () => {
    expect(canonicalQuantity(0.5)).toBe('500m')
    expect(canonicalQuantity(1e21)).toBe('1e+21')
  })
})

const FORMAT =
  "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"

test.each([
  ['', FORMAT],
  ['abc', FORMAT],
  ['1 Gi', FORMAT],
  ['1..5', FORMAT],
  ['1Gib', FORMAT],
  ['1gi', FORMAT],
  ['1KiB', FORMAT],
  ['1MM', "unable to parse quantity's suffix"],
  ['1K', "unable to parse quantity's suffix"],
  ['1e', "unable to parse quantity's suffix"],
  ['Ei', 'unable to parse numeric part of quantity'],
])('%j is refused: %s', (text, message) => {
  expect(() => parseQuantity(text)).toThrow(message)
})

it('refuses to do unbounded work', () => {
  expect(() => parseQuantity(`1e${'9'.repeat(30)}`)).toThrow()
  expect(parseQuantity(`1e-${'9'.repeat(30)}`).toString()).toBe('1e-9')
  expect(() => parseQuantity('9'.repeat(100_000))).toThrow()
})

describe('arithmetic', () => {
  it('adds across suffixes and keeps the format of the first that is not zero', () => {
    expect(parseQuantity('1').add(parseQuantity('500m')).toString()).toBe('1500m')
    expect(parseQuantity('1Gi').add(parseQuantity('1Gi')).toString()).toBe('2Gi')
    expect(Quantity.zero.add(parseQuantity('1Gi')).toString()).toBe('1Gi')
    expect(parseQuantity('1Gi').sub(parseQuantity('1Gi')).toString()).toBe('0')
  })

  it('rounds values up, away from zero', () => {
    expect(parseQuantity('1500m').value()).toBe(2)
    expect(parseQuantity('-1500m').value()).toBe(-2)
    expect(parseQuantity('0.0001').milliValue()).toBe(1)
    expect(parseQuantity('0.0001').roundUp(-3).toString()).toBe('1m')
    expect(parseQuantity('256Gi').value()).toBe(274877906944)
  })

  const quantity = fc
    .tuple(
      fc.integer({ min: -1e9, max: 1e9 }),
      fc.constantFrom('m', '', 'k', 'M', 'Ki', 'Mi', 'Gi', 'e3', 'u', 'n'),
    )
    .map(([number, suffix]) => parseQuantity(`${number}${suffix}`))

  it('printing and parsing keep the amount', () => {
    fc.assert(fc.property(quantity, (q) => parseQuantity(q.toString()).equals(q)))
  })

  it('canonical texts stay as they are', () => {
    fc.assert(
      fc.property(quantity, (q) => {
        expect(canonicalQuantity(q.toString())).toBe(q.toString())
      }),
    )
  })

  it('addition commutes and subtraction undoes it', () => {
    fc.assert(
      fc.property(quantity, quantity, (a, b) => {
        expect(a.add(b).equals(b.add(a))).toBe(true)
        expect(a.add(b).sub(b).equals(a)).toBe(true)
      }),
    )
  })

  it('comparison agrees with subtraction', () => {
    fc.assert(
      fc.property(quantity, quantity, (a, b) => Math.sign(a.compare(b)) === a.sub(b).sign()),
    )
  })
})

it('compares texts by amount', () => {
  expect(quantityEquals('1000m', '1')).toBe(true)
  expect(quantityEquals('1Gi', '1G')).toBe(false)
})
