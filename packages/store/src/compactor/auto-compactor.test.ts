import { describe, expect, it } from 'vitest'
import { HeldClock } from '../clock.fixture.js'
import { StoreError } from '../errors.js'
import { silentLog } from '../log.js'
import { type AutoCompaction, AutoCompactor } from './auto-compactor.js'

const MINUTE_MS = 60_000

/** A store that makes ten revisions a minute, and what is asked of it. */
function run(compaction: AutoCompaction) {
  const clock = new HeldClock()
  const startMs = clock.now()
  const minutes = () => (clock.now() - startMs) / MINUTE_MS
  const asked: string[] = []
  const failures: unknown[] = []
  const compactor = new AutoCompactor(compaction, {
    clock,
    log: silentLog,
    revision: () => 1 + Math.floor(minutes() * 10),
    compact: async (revision) => {
      asked.push(`${Math.round(minutes())}m: ${revision}`)
      const failure = failures.shift()
      if (failure !== undefined) throw failure
    },
  })
  const advance = async (count: number) => {
    for (let n = 0; n < count; n++) {
      clock.advance(MINUTE_MS)
      await new Promise(setImmediate)
    }
  }
  return { clock, compactor, asked, failures, advance }
}

describe('periodic compaction', () => {
  it('keeps at least a period shorter than an hour, and compacts once a period', async () => {
    const { compactor, asked, advance } = run({ mode: 'periodic', retentionMs: 30 * MINUTE_MS })
    compactor.resume()
    await advance(29)
    expect(asked).toEqual([])
    await advance(70)
    expect(asked).toEqual(['30m: 1', '60m: 271', '90m: 571'])
  })

  it('keeps a longer period, and compacts every hour', async () => {
    const { compactor, asked, advance } = run({ mode: 'periodic', retentionMs: 180 * MINUTE_MS })
    compactor.resume()
    await advance(301)
    expect(asked).toEqual(['180m: 1', '240m: 541', '300m: 1141'])
  })

  it('knows the past also where it was paused', async () => {
    const { compactor, asked, advance } = run({ mode: 'periodic', retentionMs: 60 * MINUTE_MS })
    await advance(100)
    expect(asked).toEqual([])
    compactor.resume()
    await advance(10)
    expect(asked).toEqual(['102m: 361'])
    compactor.pause()
    await advance(100)
    expect(asked).toHaveLength(1)
  })

  it('tries again what failed, and not what was compacted already', async () => {
    const { compactor, asked, failures, advance } = run({
      mode: 'periodic',
      retentionMs: 30 * MINUTE_MS,
    })
    compactor.resume()
    failures.push(new StoreError({ code: 'NoLeader' }))
    failures.push(new StoreError({ code: 'Compacted', requestedRevision: 1, compactRevision: 31 }))
    await advance(50)
    expect(asked).toEqual(['30m: 1', '33m: 1'])
  })
})

describe('compaction by revision', () => {
  it('keeps the last revisions, looking every five minutes', async () => {
    const { compactor, asked, advance } = run({ mode: 'revision', retentionRevisions: 120 })
    compactor.resume()
    await advance(21)
    expect(asked).toEqual(['15m: 31', '20m: 81'])
  })

  it('holds no timer when it is closed', () => {
    const { clock, compactor } = run({ mode: 'revision', retentionRevisions: 1 })
    expect(clock.pendingTimers).toBe(1)
    compactor.close()
    expect(clock.pendingTimers).toBe(0)
  })
})
