import { expect, it } from 'vitest'
import { ttlFor } from './controller.js'

it.each([
  [1, '0'],
  [100, '0'],
  [101, '15'],
  [5_000, '300'],
  [20_000, '600'],
])('%d nodes: %s s', (nodes, seconds) => {
  expect(ttlFor(nodes)).toBe(seconds)
})
