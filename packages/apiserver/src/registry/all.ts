import type { KubeObject, ResourceDefinition } from '@miniplane/api'
import { deployments } from './apps/deployments.js'
import { replicaSets } from './apps/replica-sets.js'
import { TABLES } from './columns/all.js'
import { defaultTable } from './columns/column.js'
import { leases } from './coordination/leases.js'
import { configMaps } from './core/config-maps.js'
import { endpoints } from './core/endpoints.js'
import { events, newEvents } from './core/events.js'
import { namespaces } from './core/namespaces.js'
import { nodes } from './core/nodes.js'
import { podTemplates } from './core/pod-templates.js'
import { pods } from './core/pods.js'
import { replicationControllers } from './core/replication-controllers.js'
import { secrets } from './core/secrets.js'
import { serviceAccounts } from './core/service-accounts.js'
import type { ServiceRanges } from './core/service-allocation.js'
import { servicesStrategy } from './core/services.js'
import { endpointSlices } from './discovery/endpoint-slices.js'
import { FLAGS } from './flags.js'
import { followGeneration } from './generation.js'
import { priorityClasses } from './scheduling/priority-classes.js'
import type { Strategy } from './strategy.js'

export interface StrategyOptions {
  /** Where cluster IPs and node ports come from. */
  readonly serviceRanges?: ServiceRanges
}

type Make = (options: StrategyOptions) => Strategy

// A strategy is only ever handed objects of its own kind, by the resource it is registered for.
const of =
  (strategy: unknown): Make =>
  () =>
    strategy as Strategy

/** What each kind knows of itself, by group and resource. */
export const STRATEGIES: Readonly<Record<string, Make>> = {
  '/configmaps': of(configMaps),
  '/endpoints': of(endpoints),
  '/events': of(events),
  '/namespaces': of(namespaces),
  '/nodes': of(nodes),
  '/pods': of(pods),
  '/podtemplates': of(podTemplates),
  '/replicationcontrollers': of(replicationControllers),
  '/secrets': of(secrets),
  '/serviceaccounts': of(serviceAccounts),
  '/services': ({ serviceRanges }) => servicesStrategy(serviceRanges) as unknown as Strategy,
  'apps/deployments': of(deployments),
  'apps/replicasets': of(replicaSets),
  'coordination.k8s.io/leases': of(leases),
  'discovery.k8s.io/endpointslices': of(endpointSlices),
  'events.k8s.io/events': of(newEvents),
  'scheduling.k8s.io/priorityclasses': of(priorityClasses),
}

/** Kinds without a strategy of their own whose specs are counted. */
const COUNTED = new Set([
  'admissionregistration.k8s.io/mutatingadmissionpolicies',
  'admissionregistration.k8s.io/mutatingadmissionpolicybindings',
  'admissionregistration.k8s.io/validatingadmissionpolicies',
  'admissionregistration.k8s.io/validatingadmissionpolicybindings',
  'apiextensions.k8s.io/customresourcedefinitions',
  'flowcontrol.apiserver.k8s.io/flowschemas',
  'flowcontrol.apiserver.k8s.io/prioritylevelconfigurations',
  'networking.k8s.io/ingressclasses',
  'networking.k8s.io/ingresses',
  'networking.k8s.io/networkpolicies',
  'resource.k8s.io/deviceclasses',
  'resource.k8s.io/resourceslices',
])

const counted: Strategy = {
  prepareForCreate({ metadata }) {
    metadata.generation = 1
  },
  prepareForUpdate: (draft: KubeObject, stored: KubeObject) => followGeneration(draft, stored),
}

/**
 * Everything special about a built-in kind. Each call makes strategies of its own, so that servers
 * share no allocations; a server asks once a resource. A kind that is not known here (a custom
 * one) gets what is usual.
 */
export function strategyFor(
  { group, resource }: ResourceDefinition,
  options: StrategyOptions = {},
): Strategy {
  const key = `${group}/${resource}`
  const own = STRATEGIES[key]?.(options) ?? (COUNTED.has(key) ? counted : {})
  return { table: TABLES[key] ?? defaultTable, ...FLAGS[key], ...own }
}
