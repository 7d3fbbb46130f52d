import { eventLoopTurn } from '../clock/event-loop-turn.js'
import { systemClock } from '../clock/system-clock.js'
import type { Ledger } from './ledger.js'

/** When `settle` gives up: a plane that keeps itself busy never settles. */
const PATIENCE_MS = 10_000

/**
 * Resolves when nothing is left to do until time moves on or somebody asks for something: the
 * ledger is idle, and was so for a whole turn of the event loop, in which a continuation could
 * have begun something new. Rejects, saying what is under way, when that does not happen within
 * `patienceMs` of the machine's own time: the plane's clock may be standing still.
 */
export async function settle(ledger: Ledger, patienceMs = PATIENCE_MS): Promise<void> {
  const giveUpAtMs = systemClock.monotonic() + patienceMs
  while (systemClock.monotonic() < giveUpAtMs) {
    await eventLoopTurn()
    if (!ledger.isIdle) continue
    await eventLoopTurn()
    if (ledger.isIdle) return
  }
  const busy = Object.entries(ledger.counts()).filter(([, count]) => count > 0)
  const list = busy.map(([activity, count]) => `${count} ${activity}`).join(', ')
  throw new Error(`the plane does not settle; under way: ${list || 'something new in each round'}`)
}
