import { describe, expect, it } from 'vitest'
import { systemClock } from '../server/system-clock.js'
import { settingsOf } from './settings.js'
import { type PlantedBugs, simulate } from './simulation.js'

const FIXED_SEEDS = [1, 3, 4, 8]

/** Runs of other seeds every time, for about so long. */
const FRESH_MS = Number(process.env.MINIPLANE_SIMULATE_MS ?? 4000)

describe('a simulated cluster', () => {
  it.each(FIXED_SEEDS)('keeps its promises in the run of seed %i', async (seed) => {
    const { violations, operations } = await simulate(settingsOf(seed))
    expect(violations).toEqual([])
    expect(operations).toBeGreaterThan(0)
  })

  it('is the same whenever the seed is the same', async () => {
    const [first, second] = [await story(3), await story(3)]
    expect(first.length).toBeGreaterThan(3)
    expect(second).toEqual(first)
  })

  it('keeps its promises in runs that nobody has seen', { timeout: 60_000 }, async () => {
    const began = Math.floor(systemClock.now())
    for (let seed = began % 0x7fff_ffff; systemClock.now() < began + FRESH_MS; seed++) {
      const { violations } = await simulate(settingsOf(seed))
      expect(violations, `npm run simulate -- --seed ${seed} tells the story`).toEqual([])
    }
  })
})

async function story(seed: number): Promise<string[]> {
  const lines: string[] = []
  const report = await simulate({ ...settingsOf(seed), tell: (line) => lines.push(line) })
  return [...lines, JSON.stringify(report)]
}

describe('a simulation finds', () => {
  const planted: readonly [string, PlantedBugs, readonly number[]][] = [
    ['a read that asks no quorum', { readWithoutQuorum: true }, [7]],
    ['a disk that is not synced', { forgetSync: true }, [1, 2, 3]],
  ]

  it.each(planted)('%s', { timeout: 60_000 }, async (_, bugs, seeds) => {
    const found: string[] = []
    for (const seed of seeds) {
      if (found.length === 0) found.push(...(await simulate(settingsOf(seed, bugs))).violations)
    }
    expect(found).not.toEqual([])
  })
})
