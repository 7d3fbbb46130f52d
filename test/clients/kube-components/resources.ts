/** Where the kinds live that scenarios speak of. */
interface Resource {
  readonly at: string
  readonly plural: string
  readonly isClusterWide?: boolean
}

const namespaced = (at: string, plural: string): Resource => ({ at, plural })
const clusterWide = (at: string, plural: string): Resource => ({ at, plural, isClusterWide: true })

export const RESOURCES: Readonly<Record<string, Resource>> = {
  ConfigMap: namespaced('/api/v1', 'configmaps'),
  Endpoints: namespaced('/api/v1', 'endpoints'),
  Event: namespaced('/api/v1', 'events'),
  PersistentVolumeClaim: namespaced('/api/v1', 'persistentvolumeclaims'),
  Pod: namespaced('/api/v1', 'pods'),
  ReplicationController: namespaced('/api/v1', 'replicationcontrollers'),
  ResourceQuota: namespaced('/api/v1', 'resourcequotas'),
  Secret: namespaced('/api/v1', 'secrets'),
  Service: namespaced('/api/v1', 'services'),
  ServiceAccount: namespaced('/api/v1', 'serviceaccounts'),
  ControllerRevision: namespaced('/apis/apps/v1', 'controllerrevisions'),
  DaemonSet: namespaced('/apis/apps/v1', 'daemonsets'),
  Deployment: namespaced('/apis/apps/v1', 'deployments'),
  ReplicaSet: namespaced('/apis/apps/v1', 'replicasets'),
  StatefulSet: namespaced('/apis/apps/v1', 'statefulsets'),
  HorizontalPodAutoscaler: namespaced('/apis/autoscaling/v2', 'horizontalpodautoscalers'),
  CronJob: namespaced('/apis/batch/v1', 'cronjobs'),
  Job: namespaced('/apis/batch/v1', 'jobs'),
  EndpointSlice: namespaced('/apis/discovery.k8s.io/v1', 'endpointslices'),
  PodDisruptionBudget: namespaced('/apis/policy/v1', 'poddisruptionbudgets'),
  Namespace: clusterWide('/api/v1', 'namespaces'),
  Node: clusterWide('/api/v1', 'nodes'),
  PersistentVolume: clusterWide('/api/v1', 'persistentvolumes'),
  CertificateSigningRequest: clusterWide(
    '/apis/certificates.k8s.io/v1',
    'certificatesigningrequests',
  ),
  ClusterRole: clusterWide('/apis/rbac.authorization.k8s.io/v1', 'clusterroles'),
  PriorityClass: clusterWide('/apis/scheduling.k8s.io/v1', 'priorityclasses'),
  VolumeAttributesClass: clusterWide('/apis/storage.k8s.io/v1', 'volumeattributesclasses'),
  StorageClass: clusterWide('/apis/storage.k8s.io/v1', 'storageclasses'),
}

export const pathOf = ({ at, plural, isClusterWide }: Resource, namespace: string): string =>
  isClusterWide ? `${at}/${plural}` : `${at}/namespaces/${namespace}/${plural}`

/** What a namespace is looked through for. */
export const NAMESPACED = Object.keys(RESOURCES).filter((kind) => !RESOURCES[kind]?.isClusterWide)
