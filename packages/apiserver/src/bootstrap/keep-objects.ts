import type { KubeObject, Timer } from '@miniplane/api'
import type { Services } from '../handlers/scope.js'
import { ensureObjects } from './ensure.js'

/** How often a server says that it lives, as the real one. */
const INTERVAL_MS = 10_000

/**
 * Keeps there what a server needs, and up to date what it says of itself (its lease): `objects` are
 * asked for each time. Returns the function that stops.
 */
export function keepObjects(services: Services, objects: () => readonly KubeObject[]): () => void {
  const { clock, log } = services
  let timer: Timer | undefined
  let isStopped = false
  const schedule = () => {
    timer = clock.setTimer(INTERVAL_MS, () => {
      ensureObjects(services, objects())
        .catch((error: unknown) => {
          // The store may be gone, or be full: there is a next time.
          if (!isStopped) log.warn("the server's own objects could not be kept", { error })
        })
        .finally(() => {
          if (!isStopped) schedule()
        })
    })
  }
  schedule()
  return () => {
    isStopped = true
    timer?.cancel()
  }
}
