import { describe, expect, it } from 'vitest'
import { slowStart } from './slow-start.js'

async function batchesOf(count: number, failsAt = Number.POSITIVE_INFINITY) {
  const batches: number[] = []
  let open = 0
  const { succeeded, error } = await slowStart(count, async (index) => {
    if (open++ === 0) batches.push(0)
    batches[batches.length - 1] = (batches.at(-1) ?? 0) + 1
    await Promise.resolve()
    open--
    if (index >= failsAt) throw new Error('forbidden')
  })
  return { batches, succeeded, error }
}

describe('slowStart', () => {
  it.each([
    { count: 0, batches: [] },
    { count: 1, batches: [1] },
    { count: 3, batches: [1, 2] },
    { count: 10, batches: [1, 2, 4, 3] },
    { count: 500, batches: [1, 2, 4, 8, 16, 32, 64, 128, 245] },
  ])('does $count in batches of $batches', async ({ count, batches }) => {
    expect(await batchesOf(count)).toEqual({ batches, succeeded: count, error: undefined })
  })

  it('stops after the first batch that had a failure', async () => {
    const { batches, succeeded, error } = await batchesOf(100, 2)
    expect(batches).toEqual([1, 2])
    expect(succeeded).toBe(2)
    expect(error).toEqual(new Error('forbidden'))
  })
})
