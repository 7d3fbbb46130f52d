import { ManualClock, seededRandom } from '@miniplane/api'
import { Client, inProcessTransport } from '@miniplane/client'
import { startControlPlane } from 'miniplane'
import { Nodes } from './nodes.js'
import type { Ground } from './play.js'
import { USERS } from './programs.js'

const STEP_MS = 250
/** As long as the real components are watched for being quiet, and no longer than a second sync. */
const QUIET_STEPS = 10

/** Our own control plane without nodes, on a clock that moves when a scenario waits. */
export async function inHeldTime(): Promise<Ground & AsyncDisposable> {
  const clock = new ManualClock()
  const plane = await startControlPlane({
    clock,
    random: seededRandom(1),
    nodes: 0,
    users: USERS,
  })
  await plane.settle()
  const { token } = USERS[0]
  const client = new Client(
    inProcessTransport(plane.apiServer.handle, { token, userAgent: 'script' }),
  )
  const nodes = new Nodes(client, clock)
  const advance = async (steps: number) => {
    for (let step = 0; step < steps; step++) {
      clock.advance(STEP_MS)
      await plane.settle()
    }
    await nodes.beat()
  }
  await nodes.register()
  await advance(QUIET_STEPS)
  return {
    client,
    nodes,
    clock,
    settle: () => advance(QUIET_STEPS),
    pass: (seconds) => advance((seconds * 1000) / STEP_MS),
    [Symbol.asyncDispose]: () => plane.close(),
  }
}
