import { SeededRandom } from './seeded-random.js'
import type { PlantedBugs, SimulationOptions } from './simulation.js'

export type SimulationSettings = Pick<
  SimulationOptions,
  | 'seed'
  | 'size'
  | 'durationMs'
  | 'periodMs'
  | 'restartMsMax'
  | 'misfortunes'
  | 'network'
  | 'bugs'
  | 'member'
>

/** What kind of run a seed means: a size, how long, and how hard. */
export function settingsOf(seed: number, bugs: PlantedBugs = {}): SimulationSettings {
  const random = new SeededRandom(seed ^ 0x5eed)
  const dice = random.below(10)
  if (dice < 6) return ordinary(seed, random, bugs)
  if (dice < 9) return stormy(seed, random, bugs)
  return random.chance(0.5) ? elections(seed, random, bugs) : youngLeaders(seed, random, bugs)
}

/** Troubles come one at a time, and clusters live with them. */
function ordinary(seed: number, random: SeededRandom, bugs: PlantedBugs): SimulationSettings {
  return {
    seed,
    size: random.pick([1, 3, 3, 5, 7]),
    durationMs: random.between(8000, 20_000),
    periodMs: random.between(400, 2000),
    restartMsMax: 3000,
    bugs,
  }
}

/**
 * Everybody crashes and comes back all the time, and elections are never far: for what goes wrong
 * between two steps.
 */
function stormy(seed: number, random: SeededRandom, bugs: PlantedBugs): SimulationSettings {
  return {
    seed,
    size: random.pick([3, 5]),
    durationMs: random.between(5000, 15_000),
    periodMs: random.between(30, 300),
    restartMsMax: random.between(20, 400),
    bugs,
    member: { preVote: false, heartbeatMs: 20, electionMs: 100 },
  }
}

/**
 * Elections all the time, with votes that come late: for what goes wrong when two want to lead the
 * same term, or a leader has hardly begun.
 */
export function elections(
  seed: number,
  random: SeededRandom,
  bugs: PlantedBugs = {},
): SimulationSettings {
  return {
    seed,
    size: random.pick([3, 5]),
    durationMs: 6000,
    periodMs: random.between(10, 40),
    restartMsMax: random.between(2, 12),
    misfortunes: 'crashes',
    network: { minDelayMs: 0.2, maxDelayMs: 15, loss: 0.35, duplication: 0.2, lateness: 0.2 },
    bugs,
    member: { preVote: false, heartbeatMs: 10, electionMs: 50 },
  }
}

/**
 * Leaders die young, and send one entry at a time: for what goes wrong when entries of several terms
 * are only half replicated.
 */
export function youngLeaders(
  seed: number,
  random: SeededRandom,
  bugs: PlantedBugs = {},
): SimulationSettings {
  return {
    seed,
    size: 3,
    durationMs: 3000,
    periodMs: random.between(200, 1000),
    restartMsMax: random.between(20, 150),
    misfortunes: 'youngLeaders',
    network: { minDelayMs: 0.2, maxDelayMs: 6, loss: 0.02, duplication: 0.02, lateness: 0.02 },
    bugs,
    member: {
      preVote: false,
      heartbeatMs: 10,
      electionMs: 50,
      raftBounds: { maxMessageBytes: 1, maxInflightMessages: 1 },
    },
  }
}
