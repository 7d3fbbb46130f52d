import { describe, expect, it } from 'vitest'
import { InvariantViolation } from './invariants.js'
import { Simulation, type SimulationOptions } from './simulation.fixture.js'

type Options = Omit<SimulationOptions, 'seed'>

const seeds = (count: number) => Array.from({ length: count }, (_, i) => i + 1)

const runs = {
  'one member, and whoever joins': { voters: 1 },
  'three members': { voters: 3 },
  'five members': { voters: 5 },
  'three members without pre-vote and check-quorum': {
    voters: 3,
    member: { preVote: false, checkQuorum: false },
  },
  'three members that read by lease': {
    voters: 3,
    member: { readOnly: 'lease' },
    weights: { read: 100 },
  },
  'three members, one entry a message and one message at a time': {
    voters: 3,
    member: { maxMessageBytes: 1, maxInflightMessages: 1, maxCommittedBytes: 1 },
  },
} satisfies Record<string, Partial<Options>>

describe.each(Object.entries(runs))('%s', (_, options) => {
  it('stay safe whatever happens, and agree when all is well again', () => {
    const total: Record<string, number> = {}
    for (const seed of seeds(15)) {
      const simulation = new Simulation({ seed, steps: 4000, ...options })
      attempt(seed, () => {
        simulation.run()
        simulation.converge()
      })
      for (const [what, count] of Object.entries(simulation.happened))
        total[what] = (total[what] ?? 0) + count
    }
    // Nothing above was shown if nothing happened.
    for (const [what, count] of Object.entries(total)) expect(count, what).toBeGreaterThan(5)
  })
})

function attempt(seed: number, what: () => void): void {
  try {
    what()
  } catch (cause) {
    throw new Error(`seed ${seed}: ${cause instanceof Error ? cause.message : cause}`, { cause })
  }
}

/** Impatient members that crash often: the plays in which the rules below matter. */
const restless: Options = {
  voters: 3,
  steps: 4000,
  member: { preVote: false, checkQuorum: false, electionTicks: 2, maxMessageBytes: 1 },
  weights: {
    ...{ pass: 250, crash: 40, restart: 160, cut: 10, heal: 10 },
    ...{ read: 0, change: 0, compact: 0, transfer: 0 },
  },
}

describe('a planted bug is found', () => {
  it('forgetting a vote: two leaders in one term', () => {
    expect(firstViolation({ ...restless, unsafe: { forgetVote: true } })).toBe('election safety')
  })

  it("committing an earlier term's entries by count: a leader without them (figure 8)", () => {
    const unsafe = { commitOldTermsByCount: true }
    expect(firstViolation({ ...restless, unsafe })).toBe('leader completeness')
  })

  it('answering reads without asking anybody: a stale read', () => {
    const unsafe = { readWithoutQuorum: true }
    expect(firstViolation({ voters: 3, steps: 4000, unsafe })).toBe('linearizable reads')
  })

  it('and in the same plays nothing is found without it', () => {
    expect(firstViolation(restless, 60)).toBeUndefined()
  })
})

/** What the first seed that breaks an invariant breaks. */
function firstViolation(options: Options, seedsMax = 200): string | undefined {
  for (const seed of seeds(seedsMax)) {
    try {
      new Simulation({ ...options, seed }).run()
    } catch (error) {
      if (error instanceof InvariantViolation) return error.invariant
      throw error
    }
  }
  return undefined
}
