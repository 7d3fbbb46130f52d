import type { ServiceCIDR } from '@miniplane/api'
import { expect, it } from 'vitest'
import { contains, isCovered } from './ranges.js'

const range = (...cidrs: string[]) => ({ spec: { cidrs } }) as ServiceCIDR

it.each([
  [range('10.0.0.0/24'), '10.0.0.7', true],
  [range('10.0.0.0/24'), '10.0.1.7', false],
  [range('10.0.0.0/24', 'fd00::/64'), 'fd00::7', true],
  [range('10.0.0.0/24'), 'fd00::7', false],
])('%j has %s: %s', (of, address, is) => {
  expect(contains(of, address)).toBe(is)
})

it.each([
  [range('10.0.1.0/24'), [range('10.0.0.0/16')], true],
  [range('10.0.0.0/16'), [range('10.0.1.0/24')], false],
  [range('10.0.1.0/24', 'fd00::/112'), [range('10.0.1.0/24'), range('fd00::/64')], true],
  [range('10.0.1.0/24'), [], false],
])('%j is covered by %j: %s', (of, others, is) => {
  expect(isCovered(of, others)).toBe(is)
})
