import { describe, expect, it } from 'vitest'
import { InvariantViolation } from './invariants.js'
import { Simulation, type SimulationOptions } from './simulation.fixture.js'

const seeds = Array.from({ length: 40 }, (_, i) => i + 1)

/** The first seed that breaks an invariant, with what it broke. */
function firstViolation(options: Omit<SimulationOptions, 'seed'>, seedsMax: number) {
  for (let seed = 1; seed <= seedsMax; seed++) {
    try {
      new Simulation({ ...options, seed }).run()
    } catch (error) {
      if (!(error instanceof InvariantViolation)) throw new Error(`seed ${seed}`, { cause: error })
      return { seed, invariant: error.invariant }
    }
  }
  return undefined
}

describe('a cluster in which everything goes wrong', () => {
  it.each(seeds)('stays safe and comes back: seed %i', (seed) => {
    const simulation = new Simulation({ seed, steps: 4000, voters: [1, 3, 5][seed % 3] ?? 3 })
    simulation.run()
    simulation.converge()
    expect(1).toBe(1)
  })
})

it('x', () => {
  expect(firstViolation({ steps: 4000, voters: 3, unsafe: { forgetVote: true } }, 200)).toBe(1)
})
it('y', () => {
  expect(firstViolation({ steps: 4000, voters: 3, unsafe: { readWithoutQuorum: true } }, 200)).toBe(
    1,
  )
})
it('z', () => {
  expect(
    firstViolation({ steps: 4000, voters: 5, unsafe: { commitOldTermsByCount: true } }, 200),
  ).toBe(1)
})
