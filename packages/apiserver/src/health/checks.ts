import type { StoreClient } from '@miniplane/store'
import type { HealthCheck } from './health.js'

/** What the checks ask about the server. */
export interface ServerState {
  readonly isReady: boolean
  readonly isClosed: boolean
}

/** The real server's names, for those who exclude one or ask for it. */
export const healthChecks = (store: StoreClient, state: ServerState): readonly HealthCheck[] => [
  {
    name: 'etcd',
    endpoints: ['healthz', 'livez', 'readyz'],
    check: () => storeProblem(store),
  },
  {
    name: 'poststarthook/start-system-namespaces-controller',
    endpoints: ['healthz', 'readyz'],
    check: () => (state.isReady ? undefined : 'not finished'),
  },
  {
    name: 'shutdown',
    endpoints: ['readyz'],
    check: () => (state.isClosed ? 'process is shutting down' : undefined),
  },
]

async function storeProblem(store: StoreClient): Promise<string | undefined> {
  try {
    await store.range({ key: '/registry/health', limit: 1 })
    return undefined
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}
