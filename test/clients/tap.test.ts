import { expect, it } from 'vitest'
import { readTap } from './tap.js'

it('counts what passed, and keeps what a failed check said', () => {
  const text =
    '1..3\nok 1 - a\nnot ok 2 - b\n  why\n  and where\nnot ok 3 - c\n# a remark\n  not of c\n'
  expect(readTap(text)).toEqual({
    planned: 3,
    passed: 1,
    failures: ['not ok 2 - b\n  why\n  and where', 'not ok 3 - c'],
  })
})

it('a program that said nothing has planned nothing', () => {
  expect(readTap('')).toEqual({ planned: 0, passed: 0, failures: [] })
})
