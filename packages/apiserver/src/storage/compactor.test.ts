import { ManualClock } from '@miniplane/api'
import { openEmbeddedStore } from '@miniplane/store'
import { describe, expect, it } from 'vitest'
import { silentLog } from '../log.js'
import { startCompactor } from './compactor.js'

const MINUTE_MS = 60_000
const tick = () => new Promise<void>((resolve) => setImmediate(resolve))

describe('the compactor', () => {
  it('keeps between one and two intervals of history, and stops when told', async () => {
    const clock = new ManualClock()
    await using store = openEmbeddedStore({ clock })
    const { client } = store
    const stop = startCompactor({ store: client, clock, log: silentLog, intervalMs: MINUTE_MS })
    const compacted = async () => (await client.status()).compactRevision
    const value = Buffer.from('x')

    const { header: first } = await client.put('/registry/a', value)
    clock.advance(MINUTE_MS)
    await tick()
    expect(await compacted()).toBe(0)
    await client.put('/registry/a', value)
    clock.advance(MINUTE_MS)
    await tick()
    expect(await compacted()).toBe(first.revision)

    stop()
    await client.put('/registry/a', value)
    clock.advance(5 * MINUTE_MS)
    await tick()
    expect(await compacted()).toBe(first.revision)
  })
})
