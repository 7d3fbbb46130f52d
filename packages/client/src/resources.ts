import type {
  admissionregistrationV1,
  apiextensionsV1,
  apiregistrationV1,
  appsV1,
  autoscalingV1,
  autoscalingV2,
  batchV1,
  certificatesV1,
  coordinationV1,
  coreV1,
  discoveryV1,
  eventsV1,
  flowcontrolV1,
  KubeObject,
  networkingV1,
  nodeV1,
  policyV1,
  ResourceDefinition,
  rbacV1,
  schedulingV1,
  storageV1,
} from '@miniplane/api'

/** Says which resource is meant and, to the compiler, what its objects look like. */
export interface ResourceRef<T extends KubeObject = KubeObject> {
  readonly group: string
  readonly version: string
  readonly resource: string
  readonly kind: string
  readonly namespaced: boolean
  /** Never there at run time: carries the type. */
  readonly objectType?: T
}

/** A reference to any served resource, built in or custom. */
export const resourceRef = (
  definition: Pick<ResourceDefinition, 'group' | 'version' | 'resource' | 'kind' | 'namespaced'>,
): ResourceRef => ({
  group: definition.group,
  version: definition.version,
  resource: definition.resource,
  kind: definition.kind,
  namespaced: definition.namespaced,
})

/** `/api/v1` or `/apis/<group>/<version>`. */
export const groupVersionPath = (ref: Pick<ResourceRef, 'group' | 'version'>): string =>
  ref.group === '' ? `/api/${ref.version}` : `/apis/${ref.group}/${ref.version}`

const kindsIn =
  (group: string, version: string) =>
  <T extends object>(kind: string, resource: string): ResourceRef<T & KubeObject> => ({
    group,
    version,
    kind,
    resource,
    namespaced: true,
  })

const clusterScoped = <T extends KubeObject>(ref: ResourceRef<T>): ResourceRef<T> => ({
  ...ref,
  namespaced: false,
})

const core = kindsIn('', 'v1')
const apps = kindsIn('apps', 'v1')
const batch = kindsIn('batch', 'v1')
const rbac = kindsIn('rbac.authorization.k8s.io', 'v1')
const storage = kindsIn('storage.k8s.io', 'v1')
const networking = kindsIn('networking.k8s.io', 'v1')
const admission = kindsIn('admissionregistration.k8s.io', 'v1')
const flow = kindsIn('flowcontrol.apiserver.k8s.io', 'v1')

/** The built-in resources that programs ask for by name; all others come by `resourceRef`. */
export const resources = {
  configMaps: core<coreV1.ConfigMap>('ConfigMap', 'configmaps'),
  endpoints: core<coreV1.Endpoints>('Endpoints', 'endpoints'),
  events: core<coreV1.Event>('Event', 'events'),
  limitRanges: core<coreV1.LimitRange>('LimitRange', 'limitranges'),
  namespaces: clusterScoped(core<coreV1.Namespace>('Namespace', 'namespaces')),
  nodes: clusterScoped(core<coreV1.Node>('Node', 'nodes')),
  persistentVolumeClaims: core<coreV1.PersistentVolumeClaim>(
    'PersistentVolumeClaim',
    'persistentvolumeclaims',
  ),
  persistentVolumes: clusterScoped(
    core<coreV1.PersistentVolume>('PersistentVolume', 'persistentvolumes'),
  ),
  pods: core<coreV1.Pod>('Pod', 'pods'),
  replicationControllers: core<coreV1.ReplicationController>(
    'ReplicationController',
    'replicationcontrollers',
  ),
  resourceQuotas: core<coreV1.ResourceQuota>('ResourceQuota', 'resourcequotas'),
  secrets: core<coreV1.Secret>('Secret', 'secrets'),
  serviceAccounts: core<coreV1.ServiceAccount>('ServiceAccount', 'serviceaccounts'),
  services: core<coreV1.Service>('Service', 'services'),
  controllerRevisions: apps<appsV1.ControllerRevision>('ControllerRevision', 'controllerrevisions'),
  daemonSets: apps<appsV1.DaemonSet>('DaemonSet', 'daemonsets'),
  deployments: apps<appsV1.Deployment>('Deployment', 'deployments'),
  replicaSets: apps<appsV1.ReplicaSet>('ReplicaSet', 'replicasets'),
  statefulSets: apps<appsV1.StatefulSet>('StatefulSet', 'statefulsets'),
  horizontalPodAutoscalers: kindsIn('autoscaling', 'v2')<autoscalingV2.HorizontalPodAutoscaler>(
    'HorizontalPodAutoscaler',
    'horizontalpodautoscalers',
  ),
  horizontalPodAutoscalersV1: kindsIn('autoscaling', 'v1')<autoscalingV1.HorizontalPodAutoscaler>(
    'HorizontalPodAutoscaler',
    'horizontalpodautoscalers',
  ),
  cronJobs: batch<batchV1.CronJob>('CronJob', 'cronjobs'),
  jobs: batch<batchV1.Job>('Job', 'jobs'),
  certificateSigningRequests: clusterScoped(
    kindsIn('certificates.k8s.io', 'v1')<certificatesV1.CertificateSigningRequest>(
      'CertificateSigningRequest',
      'certificatesigningrequests',
    ),
  ),
  leases: kindsIn('coordination.k8s.io', 'v1')<coordinationV1.Lease>('Lease', 'leases'),
  endpointSlices: kindsIn('discovery.k8s.io', 'v1')<discoveryV1.EndpointSlice>(
    'EndpointSlice',
    'endpointslices',
  ),
  eventsV1: kindsIn('events.k8s.io', 'v1')<eventsV1.Event>('Event', 'events'),
  flowSchemas: clusterScoped(flow<flowcontrolV1.FlowSchema>('FlowSchema', 'flowschemas')),
  priorityLevelConfigurations: clusterScoped(
    flow<flowcontrolV1.PriorityLevelConfiguration>(
      'PriorityLevelConfiguration',
      'prioritylevelconfigurations',
    ),
  ),
  ingressClasses: clusterScoped(
    networking<networkingV1.IngressClass>('IngressClass', 'ingressclasses'),
  ),
  ingresses: networking<networkingV1.Ingress>('Ingress', 'ingresses'),
  ipAddresses: clusterScoped(networking<networkingV1.IPAddress>('IPAddress', 'ipaddresses')),
  serviceCidrs: clusterScoped(networking<networkingV1.ServiceCIDR>('ServiceCIDR', 'servicecidrs')),
  networkPolicies: networking<networkingV1.NetworkPolicy>('NetworkPolicy', 'networkpolicies'),
  runtimeClasses: clusterScoped(
    kindsIn('node.k8s.io', 'v1')<nodeV1.RuntimeClass>('RuntimeClass', 'runtimeclasses'),
  ),
  podDisruptionBudgets: kindsIn('policy', 'v1')<policyV1.PodDisruptionBudget>(
    'PodDisruptionBudget',
    'poddisruptionbudgets',
  ),
  clusterRoleBindings: clusterScoped(
    rbac<rbacV1.ClusterRoleBinding>('ClusterRoleBinding', 'clusterrolebindings'),
  ),
  clusterRoles: clusterScoped(rbac<rbacV1.ClusterRole>('ClusterRole', 'clusterroles')),
  roleBindings: rbac<rbacV1.RoleBinding>('RoleBinding', 'rolebindings'),
  roles: rbac<rbacV1.Role>('Role', 'roles'),
  priorityClasses: clusterScoped(
    kindsIn('scheduling.k8s.io', 'v1')<schedulingV1.PriorityClass>(
      'PriorityClass',
      'priorityclasses',
    ),
  ),
  csiDrivers: clusterScoped(storage<storageV1.CSIDriver>('CSIDriver', 'csidrivers')),
  csiNodes: clusterScoped(storage<storageV1.CSINode>('CSINode', 'csinodes')),
  volumeAttributesClasses: clusterScoped(
    storage<storageV1.VolumeAttributesClass>('VolumeAttributesClass', 'volumeattributesclasses'),
  ),
  storageClasses: clusterScoped(storage<storageV1.StorageClass>('StorageClass', 'storageclasses')),
  volumeAttachments: clusterScoped(
    storage<storageV1.VolumeAttachment>('VolumeAttachment', 'volumeattachments'),
  ),
  mutatingWebhookConfigurations: clusterScoped(
    admission<admissionregistrationV1.MutatingWebhookConfiguration>(
      'MutatingWebhookConfiguration',
      'mutatingwebhookconfigurations',
    ),
  ),
  validatingWebhookConfigurations: clusterScoped(
    admission<admissionregistrationV1.ValidatingWebhookConfiguration>(
      'ValidatingWebhookConfiguration',
      'validatingwebhookconfigurations',
    ),
  ),
  customResourceDefinitions: clusterScoped(
    kindsIn('apiextensions.k8s.io', 'v1')<apiextensionsV1.CustomResourceDefinition>(
      'CustomResourceDefinition',
      'customresourcedefinitions',
    ),
  ),
  apiServices: clusterScoped(
    kindsIn('apiregistration.k8s.io', 'v1')<apiregistrationV1.APIService>(
      'APIService',
      'apiservices',
    ),
  ),
} as const
