import { describe, expect, it } from 'vitest'
import { complaint, updated } from './known-failures.js'
import { differencesByCase, isComplete } from './player-output.js'

const DIFFERENCE =
  '   step 2 GET /api/v1/namespaces/corpus-k3x0a1\n      body.spec.a: want 1, got absent'

describe('complaint', () => {
  it.each([
    { about: 'passes', difference: undefined, reason: undefined, expected: undefined },
    { about: 'fails as listed', difference: DIFFERENCE, reason: 'later', expected: undefined },
    {
      about: 'fails',
      difference: DIFFERENCE,
      reason: undefined,
      expected: /body\.spec\.a: want 1/,
    },
    {
      about: 'passes though listed',
      difference: undefined,
      reason: 'x',
      expected: /unexpected pass/,
    },
    {
      about: 'passes though a race is listed',
      difference: undefined,
      reason: 'race: 200 ms',
      expected: undefined,
    },
    {
      about: 'fails where a race is listed',
      difference: DIFFERENCE,
      reason: 'race: 200 ms',
      expected: undefined,
    },
  ])('a case that $about', ({ difference, reason, expected }) => {
    const wrong = complaint(difference, reason)
    if (expected) expect(wrong).toMatch(expected)
    else expect(wrong).toBeUndefined()
  })
})

describe('updated', () => {
  it('drops what passes, keeps what a person wrote, and renews each todo', () => {
    const outcomes = new Map([
      ['passes', undefined],
      ['by hand', DIFFERENCE],
      ['todo', DIFFERENCE],
      ['new', DIFFERENCE],
      ['race', undefined],
    ])
    const known = {
      race: 'race: 200 ms',
      passes: 'x',
      'by hand': 'CRDs come later',
      todo: 'todo: step 1: status',
    }
    expect(updated(outcomes, known)).toEqual({
      race: 'race: 200 ms',
      'by hand': 'CRDs come later',
      todo: 'todo: step 2 GET /api/v1/namespaces/{ns}: body.spec.a',
      new: 'todo: step 2 GET /api/v1/namespaces/{ns}: body.spec.a',
    })
  })
})

describe("a player's output", () => {
  const output = ['✗ a.json: x: y', DIFFERENCE, 'a.json: 1 passed, 1 failed', ''].join('\n')

  it('is taken apart by case', () => {
    expect([...differencesByCase(output, 'a.json')]).toEqual([['x: y', DIFFERENCE]])
  })

  it('is complete when the file is summed up', () => {
    expect(isComplete(output, 'a.json')).toBe(true)
    expect(isComplete(output.split('\n').slice(0, 3).join('\n'), 'a.json')).toBe(false)
  })
})
