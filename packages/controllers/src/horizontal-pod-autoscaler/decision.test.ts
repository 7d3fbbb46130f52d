import { expect, it } from 'vitest'
import { decide } from './decision.js'

it.each([
  { current: 0, min: 1, max: 5, decision: { type: 'disabled' } },
  { current: 0, min: 0, max: 5, decision: { type: 'measure' } },
  { current: 1, min: 2, max: 5, decision: { type: 'rescale', replicas: 2 } },
  { current: 9, min: 2, max: 5, decision: { type: 'rescale', replicas: 5 } },
  { current: 2, min: 2, max: 5, decision: { type: 'measure' } },
  { current: 5, min: 2, max: 5, decision: { type: 'measure' } },
])('$current of $min to $max: $decision.type', ({ current, min, max, decision }) => {
  expect(decide(current, min, max)).toMatchObject(decision)
})
