import type { AdmissionPlugin } from './admission.js'
import type { AdmissionDependencies } from './dependencies.js'
import { alwaysAdmit, alwaysDeny } from './plugins/always.js'
import { alwaysPullImages } from './plugins/always-pull-images.js'
import { certificateApproval, certificateSigning } from './plugins/certificate-signers.js'
import { certificateSubjectRestriction } from './plugins/certificate-subject-restriction.js'
import { defaultIngressClass } from './plugins/default-ingress-class.js'
import { defaultStorageClass } from './plugins/default-storage-class.js'
import { defaultTolerationSeconds } from './plugins/default-toleration-seconds.js'
import { denyServiceExternalIPs } from './plugins/deny-service-external-ips.js'
import { extendedResourceToleration } from './plugins/extended-resource-toleration.js'
import { limitPodHardAntiAffinityTopology } from './plugins/limit-pod-hard-anti-affinity-topology.js'
import { limitRanger } from './plugins/limit-ranger.js'
import { namespaceExists } from './plugins/namespace-exists.js'
import { namespaceLifecycle } from './plugins/namespace-lifecycle.js'
import { nodeRestriction } from './plugins/node-restriction.js'
import { ownerReferencesPermissionEnforcement } from './plugins/owner-references-permission-enforcement.js'
import { persistentVolumeClaimResize } from './plugins/persistent-volume-claim-resize.js'
import { podNodeSelector } from './plugins/pod-node-selector.js'
import { podSecurity } from './plugins/pod-security.js'
import { podTolerationRestriction } from './plugins/pod-toleration-restriction.js'
import { podTopologyLabels } from './plugins/pod-topology-labels.js'
import { priority } from './plugins/priority.js'
import { resourceQuota } from './plugins/resource-quota.js'
import { runtimeClass } from './plugins/runtime-class.js'
import { serviceAccount } from './plugins/service-account.js'
import { storageObjectInUseProtection } from './plugins/storage-object-in-use-protection.js'
import { taintNodesByCondition } from './plugins/taint-nodes-by-condition.js'

/** One name that `--enable-admission-plugins` knows. */
export interface AdmissionEntry {
  readonly name: string
  /** A server runs it unless told otherwise. */
  readonly isDefault: boolean
  /** A plugin, or what makes one; absent when it has nothing to do here yet. */
  readonly plugin?: AdmissionPlugin | ((given: AdmissionDependencies) => AdmissionPlugin)
  /** Why it can't be enabled. */
  readonly refusal?: string
}

type Made = NonNullable<AdmissionEntry['plugin']>
const on = (name: string, plugin?: Made): AdmissionEntry => ({
  name,
  isDefault: true,
  ...(plugin && { plugin }),
})
const off = (name: string, plugin: Made): AdmissionEntry => ({ name, isDefault: false, plugin })
const refused = (name: string, refusal: string): AdmissionEntry => ({
  name,
  isDefault: false,
  refusal,
})

/**
 * Every plugin of the real server in its order, which decides who sees whose changes. Those without
 * a plugin are known and on, and do nothing yet.
 */
export const ADMISSION_CATALOGUE: readonly AdmissionEntry[] = [
  off('AlwaysAdmit', alwaysAdmit),
  refused('NamespaceAutoProvision', 'create the namespaces first, or use kubectl create namespace'),
  on('NamespaceLifecycle', namespaceLifecycle),
  off('NamespaceExists', namespaceExists),
  off('LimitPodHardAntiAffinityTopology', limitPodHardAntiAffinityTopology),
  on('LimitRanger', limitRanger),
  on('ServiceAccount', serviceAccount),
  off('NodeRestriction', nodeRestriction),
  on('TaintNodesByCondition', taintNodesByCondition),
  off('AlwaysPullImages', alwaysPullImages),
  refused('ImagePolicyWebhook', 'it needs a configuration file, which is not read yet'),
  on('PodSecurity', podSecurity),
  off('PodNodeSelector', podNodeSelector),
  on('Priority', priority),
  on('DefaultTolerationSeconds', defaultTolerationSeconds),
  off('PodTolerationRestriction', podTolerationRestriction),
  refused('EventRateLimit', 'it needs a configuration file, which is not read yet'),
  off('ExtendedResourceToleration', extendedResourceToleration),
  on('DefaultStorageClass', defaultStorageClass),
  on('StorageObjectInUseProtection', storageObjectInUseProtection),
  off('OwnerReferencesPermissionEnforcement', ownerReferencesPermissionEnforcement),
  on('PersistentVolumeClaimResize', persistentVolumeClaimResize),
  on('RuntimeClass', runtimeClass),
  on('CertificateApproval', certificateApproval),
  on('CertificateSigning', certificateSigning),
  on('ClusterTrustBundleAttest'), // its resource is not served by default
  on('CertificateSubjectRestriction', certificateSubjectRestriction),
  on('DefaultIngressClass', defaultIngressClass),
  off('DenyServiceExternalIPs', denyServiceExternalIPs),
  on('PodTopologyLabels', podTopologyLabels),
  on('MutatingAdmissionPolicy'),
  on('MutatingAdmissionWebhook'),
  on('ValidatingAdmissionPolicy'),
  on('ValidatingAdmissionWebhook'),
  on('ResourceQuota', resourceQuota), // when it is certain what the object will take
  off('AlwaysDeny', alwaysDeny),
]
