import { FieldSet } from '@miniplane/api'
import { expect, it } from 'vitest'
import { RecentlyUsed, setWeight, signatureWeight } from './recently-used.js'

it('keeps what was used last, and forgets the rest', () => {
  const cache = new RecentlyUsed<string, number>(2)
  for (const [at, key] of ['a', 'b', 'c'].entries()) cache.set(key, at)
  expect(cache.get('a')).toBe(0)
  for (const [at, key] of ['d', 'e', 'f'].entries()) cache.set(key, at)
  expect(['a', 'b', 'c', 'e', 'f'].map((key) => cache.get(key))).toEqual([
    ...[undefined, undefined, undefined, 1, 2],
  ])
})

it('what is large counts for several, and what is too large is not kept', () => {
  const cache = new RecentlyUsed<string, number>(4, (_, value) => value)
  for (const [key, weight] of [['a', 1] as const, ['b', 3] as const, ['c', 2] as const])
    cache.set(key, weight)
  cache.set('d', 5)
  cache.set('e', 4)
  expect(['a', 'b', 'c', 'd', 'e'].map((key) => cache.get(key))).toEqual([
    ...[undefined, undefined, 2, undefined, 4],
  ])
})

it('weighs by the number of fields', () => {
  const fields = Array.from({ length: 2000 }, (_, i) => [`f:${i}`, FieldSet.leaf] as const)
  const data = FieldSet.of(new Map(fields))
  const set = FieldSet.of(new Map([['f:data', data]]))
  expect([setWeight('', set), setWeight('', FieldSet.empty)]).toEqual([8, 1])
  expect(signatureWeight(set.signature())).toBe(3)
})
