import type { KubeObject } from '@miniplane/api'
import type { TableColumns } from '../strategy.js'
import * as cluster from './cluster.js'
import { ageColumn, nameColumn, table } from './column.js'
import * as core from './core.js'
import * as workloads from './workloads.js'

// A table reads its own kind only, and a cell is asked for objects of that kind only.
type AnyTable = TableColumns<KubeObject>
const any = (one: unknown): AnyTable => one as AnyTable

const nameAndAge = table([nameColumn, ageColumn])

/** Columns of the kinds that have their own, by group and resource. */
export const TABLES: Readonly<Record<string, AnyTable>> = {
  'admissionregistration.k8s.io/mutatingadmissionpolicies': any(cluster.mutatingPolicyTable),
  'admissionregistration.k8s.io/mutatingadmissionpolicybindings': any(cluster.policyBindingTable),
  'admissionregistration.k8s.io/mutatingwebhookconfigurations': any(cluster.webhooksTable),
  'admissionregistration.k8s.io/validatingadmissionpolicies': any(cluster.validatingPolicyTable),
  'admissionregistration.k8s.io/validatingadmissionpolicybindings': any(cluster.policyBindingTable),
  'admissionregistration.k8s.io/validatingwebhookconfigurations': any(cluster.webhooksTable),
  'apiregistration.k8s.io/apiservices': any(cluster.apiServiceTable),
  'apps/controllerrevisions': any(cluster.controllerRevisionTable),
  'apps/daemonsets': any(workloads.daemonSetTable),
  'apps/statefulsets': any(workloads.statefulSetTable),
  'autoscaling/horizontalpodautoscalers': any(workloads.autoscalerTable),
  'batch/cronjobs': any(workloads.cronJobTable),
  'batch/jobs': any(workloads.jobTable),
  'certificates.k8s.io/certificatesigningrequests': any(cluster.signingRequestTable),
  '/persistentvolumeclaims': any(core.claimTable),
  '/persistentvolumes': any(core.volumeTable),
  '/resourcequotas': any(core.resourceQuotaTable),
  'flowcontrol.apiserver.k8s.io/flowschemas': any(cluster.flowSchemaTable),
  'flowcontrol.apiserver.k8s.io/prioritylevelconfigurations': any(cluster.priorityLevelTable),
  'networking.k8s.io/ingressclasses': any(cluster.ingressClassTable),
  'networking.k8s.io/ingresses': any(cluster.ingressTable),
  'networking.k8s.io/ipaddresses': any(cluster.ipAddressTable),
  'networking.k8s.io/networkpolicies': any(cluster.networkPolicyTable),
  'networking.k8s.io/servicecidrs': any(cluster.serviceCidrTable),
  'node.k8s.io/runtimeclasses': any(cluster.runtimeClassTable),
  'policy/poddisruptionbudgets': any(workloads.podDisruptionBudgetTable),
  'rbac.authorization.k8s.io/clusterrolebindings': any(cluster.clusterBindingTable),
  'rbac.authorization.k8s.io/rolebindings': any(cluster.bindingTable),
  'resource.k8s.io/deviceclasses': nameAndAge,
  'resource.k8s.io/resourceclaims': any(cluster.resourceClaimTable),
  'resource.k8s.io/resourceclaimtemplates': nameAndAge,
  'resource.k8s.io/resourceslices': any(cluster.resourceSliceTable),
  'storage.k8s.io/csidrivers': any(cluster.csiDriverTable),
  'storage.k8s.io/csinodes': any(cluster.csiNodeTable),
  'storage.k8s.io/storageclasses': any(cluster.storageClassTable),
  'storage.k8s.io/volumeattachments': any(cluster.volumeAttachmentTable),
  'storage.k8s.io/volumeattributesclasses': any(cluster.volumeAttributesClassTable),
}
