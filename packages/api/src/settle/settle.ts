import { eventLoopTurn } from '../clock/event-loop-turn.js'
import type { Ledger } from './ledger.js'

/** Rounds before `settle` gives up: a plane that keeps itself busy never settles. */
const ROUNDS_MAX = 100_000

/**
 * Resolves when nothing is left to do until time moves on or somebody asks for something: the
 * ledger is idle, and was so for a whole turn of the event loop, in which a continuation could
 * have begun something new. Rejects, saying what is under way, when that never happens.
 */
export async function settle(ledger: Ledger): Promise<void> {
  for (let round = 0; round < ROUNDS_MAX; round++) {
    await eventLoopTurn()
    if (!ledger.isIdle) continue
    await eventLoopTurn()
    if (ledger.isIdle) return
  }
  const busy = Object.entries(ledger.counts()).filter(([, count]) => count > 0)
  const list = busy.map(([activity, count]) => `${count} ${activity}`).join(', ')
  throw new Error(`the plane does not settle; under way: ${list || 'something new in each round'}`)
}
