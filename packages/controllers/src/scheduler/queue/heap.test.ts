import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Heap } from './heap.js'

test('pops in order, whatever was pushed and removed', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.integer({ min: 0, max: 20 }), fc.boolean())), (pushes) => {
      const heap = new Heap<{ value: number }>((a, b) => a.value - b.value)
      const items = pushes.map(([value]) => ({ value }))
      for (const item of items) heap.push(item)
      const removed = items.filter((_, i) => pushes[i]?.[1])
      for (const item of removed) expect(heap.remove(item)).toBe(true)
      const popped: number[] = []
      for (let item = heap.pop(); item; item = heap.pop()) popped.push(item.value)
      const left = items.filter((item) => !removed.includes(item)).map(({ value }) => value)
      expect(popped).toEqual(left.sort((a, b) => a - b))
    }),
  )
})
