import type { Describer } from './context.js'

/** The describer of each kind, by group and kind; loaded when needed. */
const describers: Readonly<Record<string, () => Promise<Describer>>> = {
  '/ConfigMap': async () => (await import('./configuration.js')).describeConfigMap,
  '/Endpoints': async () => (await import('./endpoints.js')).describeEndpoints,
  '/LimitRange': async () => (await import('./namespace.js')).describeLimitRange,
  '/Namespace': async () => (await import('./namespace.js')).describeNamespace,
  '/Node': async () => (await import('./node.js')).describeNode,
  '/PersistentVolume': async () => (await import('./storage.js')).describePersistentVolume,
  '/PersistentVolumeClaim': async () =>
    (await import('./storage.js')).describePersistentVolumeClaim,
  '/Pod': async () => (await import('./pod.js')).describePod,
  '/ReplicationController': async () =>
    (await import('./workloads.js')).describeReplicationController,
  '/ResourceQuota': async () => (await import('./namespace.js')).describeResourceQuota,
  '/Secret': async () => (await import('./configuration.js')).describeSecret,
  '/Service': async () => (await import('./service.js')).describeService,
  '/ServiceAccount': async () => (await import('./configuration.js')).describeServiceAccount,
  'apps/DaemonSet': async () => (await import('./workloads.js')).describeDaemonSet,
  'apps/Deployment': async () => (await import('./workloads.js')).describeDeployment,
  'apps/ReplicaSet': async () => (await import('./workloads.js')).describeReplicaSet,
  'apps/StatefulSet': async () => (await import('./workloads.js')).describeStatefulSet,
  'autoscaling/HorizontalPodAutoscaler': async () =>
    (await import('./autoscaler.js')).describeHorizontalPodAutoscaler,
  'batch/CronJob': async () => (await import('./jobs.js')).describeCronJob,
  'batch/Job': async () => (await import('./jobs.js')).describeJob,
  'certificates.k8s.io/CertificateSigningRequest': async () =>
    (await import('./signing-request.js')).describeSigningRequest,
  'discovery.k8s.io/EndpointSlice': async () =>
    (await import('./endpoints.js')).describeEndpointSlice,
  'networking.k8s.io/IPAddress': async () => (await import('./addresses.js')).describeIpAddress,
  'networking.k8s.io/Ingress': async () => (await import('./networking.js')).describeIngress,
  'networking.k8s.io/IngressClass': async () =>
    (await import('./networking.js')).describeIngressClass,
  'networking.k8s.io/NetworkPolicy': async () =>
    (await import('./networking.js')).describeNetworkPolicy,
  'networking.k8s.io/ServiceCIDR': async () => (await import('./addresses.js')).describeServiceCidr,
  'policy/PodDisruptionBudget': async () =>
    (await import('./policy.js')).describePodDisruptionBudget,
  'rbac.authorization.k8s.io/ClusterRole': async () => (await import('./rbac.js')).describeRole,
  'rbac.authorization.k8s.io/ClusterRoleBinding': async () =>
    (await import('./rbac.js')).describeRoleBinding,
  'rbac.authorization.k8s.io/Role': async () => (await import('./rbac.js')).describeRole,
  'rbac.authorization.k8s.io/RoleBinding': async () =>
    (await import('./rbac.js')).describeRoleBinding,
  'scheduling.k8s.io/PriorityClass': async () =>
    (await import('./policy.js')).describePriorityClass,
  'storage.k8s.io/CSINode': async () => (await import('./storage.js')).describeCsiNode,
  'storage.k8s.io/StorageClass': async () => (await import('./storage.js')).describeStorageClass,
  'storage.k8s.io/VolumeAttributesClass': async () =>
    (await import('./storage.js')).describeVolumeAttributesClass,
}

export async function describerOf(group: string, kind: string): Promise<Describer> {
  const load = describers[`${group}/${kind}`]
  return load ? load() : (await import('./generic.js')).describeGeneric
}
