import type { StoreClient } from '@miniplane/store'
import type { Endpoint, HealthCheck } from './health.js'

/** What the checks ask about the server. */
export interface ServerState {
  readonly isReady: boolean
  readonly isClosed: boolean
}

/** What the real server has to do before it is ready; here one start does all of it. */
const START_HOOKS = [
  'start-apiserver-admission-initializer',
  'generic-apiserver-start-informers',
  'priority-and-fairness-config-consumer',
  'priority-and-fairness-filter',
  'storage-object-count-tracker-hook',
  'start-apiextensions-informers',
  'start-apiextensions-controllers',
  'crd-informer-synced',
  'start-system-namespaces-controller',
  'peer-endpoint-reconciler-controller',
  'start-cluster-authentication-info-controller',
  'start-kube-apiserver-identity-lease-controller',
  'start-kube-apiserver-identity-lease-garbage-collector',
  'storage-readiness',
  'start-legacy-token-tracking-controller',
  'start-service-ip-repair-controllers',
  'rbac/bootstrap-roles',
  'scheduling/bootstrap-system-priority-classes',
  'priority-and-fairness-config-producer',
  'bootstrap-controller',
  'start-kubernetes-service-cidr-controller',
  'start-kube-aggregator-informers',
  'apiservice-status-local-available-controller',
  'apiservice-status-remote-available-controller',
  'apiservice-registration-controller',
  'apiservice-discovery-controller',
  'kube-apiserver-autoregistration',
]
const LAST_HOOKS = ['apiservice-openapi-controller', 'apiservice-openapiv3-controller']

const ALL: readonly Endpoint[] = ['healthz', 'livez', 'readyz']
const well = () => undefined

/** The real server's names, for those who exclude one or ask for it. */
export function healthChecks(store: StoreClient, state: ServerState): readonly HealthCheck[] {
  // Who is still starting is alive.
  const started = (name: string): HealthCheck => ({
    name,
    endpoints: ALL,
    check: (endpoint) => (state.isReady || endpoint === 'livez' ? undefined : 'not finished'),
  })
  const hook = (name: string) => started(`poststarthook/${name}`)
  const storeIsThere = () => storeProblem(store)
  return [
    { name: 'ping', endpoints: ALL, check: well },
    { name: 'log', endpoints: ALL, check: well },
    { name: 'loopback-serving-certificate', endpoints: ['healthz', 'livez'], check: well },
    { name: 'etcd', endpoints: ALL, check: storeIsThere },
    { name: 'etcd-readiness', endpoints: ['readyz'], check: storeIsThere },
    { ...started('informer-sync'), endpoints: ['readyz'] },
    ...START_HOOKS.map(hook),
    started('autoregister-completion'),
    ...LAST_HOOKS.map(hook),
    {
      name: 'shutdown',
      endpoints: ['readyz'],
      check: () => (state.isClosed ? 'process is shutting down' : undefined),
    },
  ]
}

/** What is wrong with the store, or nothing. */
export async function storeProblem(store: StoreClient): Promise<string | undefined> {
  try {
    await store.range({ key: '/registry/health', limit: 1 })
    return undefined
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}
