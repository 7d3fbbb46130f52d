import { describe, expect, it } from 'vitest'
import { HeldClock } from '../clock.fixture.js'
import { openEmbeddedStore } from '../embedded.js'

const POOL = Buffer.poolSize

describe('a value in the store', () => {
  it.each([
    ['of a large read keeps its own bytes alone', 8 * POOL, 256, true],
    ['of a large read, and most of it, is not copied', 8 * POOL, 5 * POOL, false],
    ['that a client made is not copied', 256, 256, false],
    ['from a pool of Node is not copied', POOL, 256, false],
  ])('%s', async (_, readBytes, valueBytes, isCopied) => {
    const store = openEmbeddedStore({ clock: new HeldClock() })
    const read = new Uint8Array(readBytes).fill(7)
    const value = read.subarray(0, valueBytes)
    await store.client.put('k', value)
    const { kvs } = await store.client.range({ key: 'k' })
    const kept = kvs[0]?.value as Uint8Array
    expect(Buffer.compare(kept, value)).toBe(0)
    expect(kept.buffer !== read.buffer).toBe(isCopied)
    expect(kept.buffer.byteLength).toBeLessThanOrEqual(Math.max(POOL, 2 * valueBytes))
    await store.close()
  })
})
