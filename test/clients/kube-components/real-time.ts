import { sleep, systemClock } from '@miniplane/api'
import type { Client } from '@miniplane/client'
import type { Cluster } from './cluster.js'
import type { Nodes } from './nodes.js'
import type { Ground } from './play.js'
import { pathOf, RESOURCES } from './resources.js'

const QUIET_MS = 2500
const LONGEST_MS = 90_000

/** A control plane of other processes: it has settled when nothing has changed for a while. */
export async function inRealTime(client: Client, nodes: Nodes): Promise<Ground & Disposable> {
  const clock = systemClock
  const changes = new Map<string, number>()
  const stops = await Promise.all(
    Object.values(RESOURCES).map((resource) =>
      client.watch(
        {
          method: 'GET',
          path: pathOf(resource, '').replace('/namespaces//', '/'),
          query: { watch: 'true' },
        },
        {
          onEvents(events) {
            for (const { object } of events) {
              const { name = '', namespace = name } = object.metadata
              changes.set(namespace, clock.monotonic())
            }
          },
          onEnd() {},
        },
      ),
    ),
  )
  const settle = async ({ namespace }: Cluster) => {
    const start = clock.monotonic()
    for (;;) {
      const now = clock.monotonic()
      if (now - Math.max(start, changes.get(namespace) ?? start) > QUIET_MS) return
      if (now - start > LONGEST_MS) throw new Error(`${namespace} does not settle`)
      await sleep(clock, 100)
    }
  }
  return {
    client,
    clock,
    nodes,
    settle,
    pass: (seconds) => sleep(clock, seconds * 1000),
    [Symbol.dispose]() {
      for (const stop of stops) stop()
    },
  }
}
