import fc from 'fast-check'
import { expect, it } from 'vitest'
import { OrderedMap } from './ordered-map.js'

type Step =
  | { readonly do: 'set' | 'delete'; readonly from: number; readonly count: number }
  | { readonly do: 'clone'; readonly goOnWithClone: boolean }

const keyOf = (n: number): string => String(n).padStart(4, '0')

// Runs of neighbours, so that leaves fill up, split, run empty and are joined.
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constantFrom('set' as const, 'set' as const, 'delete' as const),
      from: fc.nat({ max: 3000 }),
      count: fc.constantFrom(1, 3, 200, 1500),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('clone' as const), goOnWithClone: fc.boolean() }),
  },
)

function apply(map: OrderedMap<number>, model: Map<string, number>, one: Step): void {
  if (one.do === 'clone') return
  for (let n = one.from; n < one.from + one.count; n++) {
    const key = keyOf(n)
    if (one.do === 'set') expect(map.set(key, n)).toBe(!model.has(key))
    else expect(map.delete(key)).toBe(model.has(key))
    if (one.do === 'set') model.set(key, n)
    else model.delete(key)
  }
}

function expectSame(map: OrderedMap<number>, model: Map<string, number>): void {
  const sorted = [...model.values()].sort((a, b) => a - b)
  expect(map.size).toBe(sorted.length)
  expect([...map.values()]).toEqual(sorted)
  for (const [low, high] of [
    ['', '~'],
    ['0100', '0100'],
    ['0500', '0100'],
    ['0100', '1700'],
    ['01005', '25'],
  ] as const) {
    const inRange = sorted.filter((n) => keyOf(n) >= low && keyOf(n) < high)
    const visited: number[] = []
    map.forRange(low, high, (n) => visited.push(n) < 1000)
    expect(visited).toEqual(inRange.slice(0, 1000))
    expect(map.count(low, high)).toBe(inRange.length)
  }
  for (let n = 0; n < 4500; n += 113) expect(map.get(keyOf(n))).toBe(model.get(keyOf(n)))
}

it('is a map in order, and every clone goes its own way', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 20 }), (steps) => {
      let map = new OrderedMap<number>()
      let model = new Map<string, number>()
      const others: [OrderedMap<number>, Map<string, number>][] = []
      for (const one of steps) {
        apply(map, model, one)
        if (one.do !== 'clone') continue
        const clone: [OrderedMap<number>, Map<string, number>] = [map.clone(), new Map(model)]
        others.push(one.goOnWithClone ? [map, model] : clone)
        if (one.goOnWithClone) [map, model] = clone
      }
      for (const [other, judge] of [...others, [map, model] as const]) expectSame(other, judge)
    }),
    { numRuns: 60 },
  )
})
