import type { KubeObject, ResourceDefinition } from '@miniplane/api'
import {
  mutatingAdmissionPolicies,
  validatingAdmissionPolicies,
} from './admissionregistration/policies.js'
import {
  mutatingAdmissionPolicyBindings,
  validatingAdmissionPolicyBindings,
} from './admissionregistration/policy-bindings.js'
import {
  mutatingWebhookConfigurations,
  validatingWebhookConfigurations,
} from './admissionregistration/webhook-configurations.js'
import { apiServicesStrategy } from './apiregistration/api-services.js'
import { controllerRevisions } from './apps/controller-revisions.js'
import { daemonSets } from './apps/daemon-sets.js'
import { deployments } from './apps/deployments.js'
import { replicaSets } from './apps/replica-sets.js'
import { statefulSets } from './apps/stateful-sets.js'
import {
  horizontalPodAutoscalers,
  horizontalPodAutoscalersV1,
} from './autoscaling/horizontal-pod-autoscalers.js'
import { cronJobs } from './batch/cron-jobs.js'
import { jobs } from './batch/jobs.js'
import { certificateSigningRequests } from './certificates/certificate-signing-requests.js'
import { TABLES } from './columns/all.js'
import { defaultTable } from './columns/column.js'
import { leases } from './coordination/leases.js'
import { configMaps } from './core/config-maps.js'
import { endpoints } from './core/endpoints.js'
import { events, newEvents } from './core/events.js'
import { limitRanges } from './core/limit-ranges.js'
import { namespaces } from './core/namespaces.js'
import { nodes } from './core/nodes.js'
import { persistentVolumeClaims } from './core/persistent-volume-claims.js'
import { persistentVolumes } from './core/persistent-volumes.js'
import { podTemplates } from './core/pod-templates.js'
import { pods } from './core/pods.js'
import { replicationControllers } from './core/replication-controllers.js'
import { resourceQuotas } from './core/resource-quotas.js'
import { secrets } from './core/secrets.js'
import { serviceAccounts } from './core/service-accounts.js'
import type { ServiceRanges } from './core/service-allocation.js'
import { servicesStrategy } from './core/services.js'
import { endpointSlices } from './discovery/endpoint-slices.js'
import { deviceClasses } from './dynamic-resources/device-classes.js'
import { resourceClaimTemplates } from './dynamic-resources/resource-claim-templates.js'
import { resourceClaims } from './dynamic-resources/resource-claims.js'
import { resourceSlices } from './dynamic-resources/resource-slices.js'
import { FLAGS } from './flags.js'
import { flowSchemas } from './flowcontrol/flow-schemas.js'
import { priorityLevelConfigurations } from './flowcontrol/priority-levels.js'
import { followGeneration } from './generation.js'
import { ipAddresses, serviceCidrs } from './networking/addresses.js'
import { ingressClasses } from './networking/ingress-classes.js'
import { ingresses } from './networking/ingresses.js'
import { networkPolicies } from './networking/network-policies.js'
import { runtimeClasses } from './node/runtime-classes.js'
import { podDisruptionBudgets } from './policy/pod-disruption-budgets.js'
import { clusterRoleBindings, roleBindings } from './rbac/bindings.js'
import { clusterRoles, roles } from './rbac/roles.js'
import { priorityClasses } from './scheduling/priority-classes.js'
import { csiDrivers } from './storage/csi-drivers.js'
import { csiNodes } from './storage/csi-nodes.js'
import { csiStorageCapacities } from './storage/csi-storage-capacities.js'
import { storageClasses } from './storage/storage-classes.js'
import { volumeAttachments } from './storage/volume-attachments.js'
import { volumeAttributesClasses } from './storage/volume-attributes-classes.js'
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

/** What each kind knows of itself, by group and resource, or for one version by that too. */
export const STRATEGIES: Readonly<Record<string, Make>> = {
  'apps/controllerrevisions': of(controllerRevisions),
  'apps/daemonsets': of(daemonSets),
  'apps/statefulsets': of(statefulSets),
  'batch/cronjobs': of(cronJobs),
  'batch/jobs': of(jobs),
  '/limitranges': of(limitRanges),
  '/resourcequotas': of(resourceQuotas),
  'node.k8s.io/runtimeclasses': of(runtimeClasses),
  'policy/poddisruptionbudgets': of(podDisruptionBudgets),
  'admissionregistration.k8s.io/mutatingadmissionpolicies': of(mutatingAdmissionPolicies),
  'admissionregistration.k8s.io/mutatingadmissionpolicybindings': of(
    mutatingAdmissionPolicyBindings,
  ),
  'admissionregistration.k8s.io/validatingadmissionpolicies': of(validatingAdmissionPolicies),
  'admissionregistration.k8s.io/validatingadmissionpolicybindings': of(
    validatingAdmissionPolicyBindings,
  ),
  'admissionregistration.k8s.io/mutatingwebhookconfigurations': of(mutatingWebhookConfigurations),
  'admissionregistration.k8s.io/validatingwebhookconfigurations': of(
    validatingWebhookConfigurations,
  ),
  'apiregistration.k8s.io/apiservices': of(apiServicesStrategy),
  'certificates.k8s.io/certificatesigningrequests': of(certificateSigningRequests),
  'flowcontrol.apiserver.k8s.io/flowschemas': of(flowSchemas),
  'flowcontrol.apiserver.k8s.io/prioritylevelconfigurations': of(priorityLevelConfigurations),
  '/persistentvolumeclaims': of(persistentVolumeClaims),
  '/persistentvolumes': of(persistentVolumes),
  'networking.k8s.io/ingressclasses': of(ingressClasses),
  'networking.k8s.io/ingresses': of(ingresses),
  'networking.k8s.io/networkpolicies': of(networkPolicies),
  'storage.k8s.io/csidrivers': of(csiDrivers),
  'storage.k8s.io/csinodes': of(csiNodes),
  'storage.k8s.io/csistoragecapacities': of(csiStorageCapacities),
  'storage.k8s.io/storageclasses': of(storageClasses),
  'storage.k8s.io/volumeattachments': of(volumeAttachments),
  'storage.k8s.io/volumeattributesclasses': of(volumeAttributesClasses),
  'networking.k8s.io/ipaddresses': of(ipAddresses),
  'networking.k8s.io/servicecidrs': of(serviceCidrs),
  'rbac.authorization.k8s.io/clusterrolebindings': of(clusterRoleBindings),
  'rbac.authorization.k8s.io/clusterroles': of(clusterRoles),
  'rbac.authorization.k8s.io/rolebindings': of(roleBindings),
  'rbac.authorization.k8s.io/roles': of(roles),
  'autoscaling/horizontalpodautoscalers': of(horizontalPodAutoscalers),
  'autoscaling/v1/horizontalpodautoscalers': of(horizontalPodAutoscalersV1),
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
  'resource.k8s.io/deviceclasses': of(deviceClasses),
  'resource.k8s.io/resourceclaims': of(resourceClaims),
  'resource.k8s.io/resourceclaimtemplates': of(resourceClaimTemplates),
  'resource.k8s.io/resourceslices': of(resourceSlices),
  'scheduling.k8s.io/priorityclasses': of(priorityClasses),
}

/** Kinds without a strategy of their own whose specs are counted. */
const COUNTED = new Set(['apiextensions.k8s.io/customresourcedefinitions'])

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
  { group, version, resource }: ResourceDefinition,
  options: StrategyOptions = {},
): Strategy {
  const key = `${group}/${resource}`
  const make = STRATEGIES[`${group}/${version}/${resource}`] ?? STRATEGIES[key]
  const own = make?.(options) ?? (COUNTED.has(key) ? counted : {})
  return { table: TABLES[key] ?? defaultTable, ...FLAGS[key], ...own }
}
