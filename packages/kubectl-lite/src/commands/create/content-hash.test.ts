import { expect, it } from 'vitest'
import { hashedName } from './content-hash.js'

// The names are kubectl's own for the same content.
it.each<[string, Readonly<Record<string, unknown>>, string]>([
  ['a', { kind: 'ConfigMap', name: 'a', data: { b: '2', a: '<1>' } }, 'a-87c645gmtb'],
  ['e', { kind: 'ConfigMap', name: 'e', data: {} }, 'e-gmbcf66h4d'],
  ['s', { kind: 'Secret', type: '', name: 's', data: { a: 'Yg==' } }, 's-7fd2tm89d8'],
])('%s with %j', (name, content, hashed) => {
  expect(hashedName(name, content)).toBe(hashed)
})
