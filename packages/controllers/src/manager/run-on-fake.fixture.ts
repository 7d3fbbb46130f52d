import { eventLoopTurn, Ledger, ManualClock, seededRandom } from '@miniplane/api'
import { silentLog, type Transport } from '@miniplane/client'
import type { Controller } from './controller.js'
import { runControllers } from './start-controllers.js'

/** A controller on a server that a test fakes, and what waits until it has nothing left to do. */
export function runOnFake(controller: Controller, transport: Transport) {
  const ledger = new Ledger()
  const running = runControllers([controller], {
    transport: () => transport,
    clock: new ManualClock(),
    random: seededRandom(1),
    ledger,
    log: silentLog,
  })
  return {
    async settled() {
      for (let turn = 0; turn < 4; turn++) {
        await eventLoopTurn()
        await ledger.idle()
      }
    },
    stop: () => running.stop(),
  }
}
