import type { KubeObject } from '@miniplane/api'
import type { TableColumns } from '../strategy.js'
import * as cluster from './cluster.js'
import { ageColumn, nameColumn, table } from './column.js'
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
  'autoscaling/horizontalpodautoscalers': any(workloads.autoscalerTable),
  'certificates.k8s.io/certificatesigningrequests': any(cluster.signingRequestTable),
  'flowcontrol.apiserver.k8s.io/flowschemas': any(cluster.flowSchemaTable),
  'flowcontrol.apiserver.k8s.io/prioritylevelconfigurations': any(cluster.priorityLevelTable),
  'resource.k8s.io/deviceclasses': nameAndAge,
  'resource.k8s.io/resourceclaims': any(cluster.resourceClaimTable),
  'resource.k8s.io/resourceclaimtemplates': nameAndAge,
  'resource.k8s.io/resourceslices': any(cluster.resourceSliceTable),
  'storage.k8s.io/csinodes': any(cluster.csiNodeTable),
  'storage.k8s.io/volumeattributesclasses': any(cluster.volumeAttributesClassTable),
}
