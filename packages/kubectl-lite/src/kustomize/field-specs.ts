import type { FieldSpec } from './field-path.js'

/** Where Pods are described: the kind, the path of the template, and its group where it matters. */
const TEMPLATES: readonly FieldSpec[] = [
  { kind: 'ReplicationController', version: 'v1', path: 'spec/template' },
  { kind: 'Deployment', path: 'spec/template' },
  { kind: 'ReplicaSet', path: 'spec/template' },
  { kind: 'DaemonSet', path: 'spec/template' },
  { kind: 'StatefulSet', group: 'apps', path: 'spec/template' },
  { kind: 'Job', group: 'batch', path: 'spec/template' },
  { kind: 'CronJob', group: 'batch', path: 'spec/jobTemplate' },
  { kind: 'CronJob', group: 'batch', path: 'spec/jobTemplate/spec/template' },
]

const inTemplates = (field: string): readonly FieldSpec[] =>
  TEMPLATES.map((template) => ({ ...template, path: `${template.path}/${field}`, create: true }))

/** Labels of objects and of what is made from them. */
export const TEMPLATE_LABELS: readonly FieldSpec[] = [
  { path: 'metadata/labels', create: true },
  ...inTemplates('metadata/labels'),
  {
    kind: 'StatefulSet',
    group: 'apps',
    path: 'spec/volumeClaimTemplates[]/metadata/labels',
    create: true,
  },
]

const AFFINITY = ['podAffinity', 'podAntiAffinity'].flatMap((affinity) => [
  `affinity/${affinity}/preferredDuringSchedulingIgnoredDuringExecution/podAffinityTerm/labelSelector`,
  `affinity/${affinity}/requiredDuringSchedulingIgnoredDuringExecution/labelSelector`,
])

/** Labels, and the selectors by which they are found. */
export const SELECTOR_LABELS: readonly FieldSpec[] = [
  { kind: 'Service', version: 'v1', path: 'spec/selector', create: true },
  { kind: 'ReplicationController', version: 'v1', path: 'spec/selector', create: true },
  { kind: 'Deployment', path: 'spec/selector/matchLabels', create: true },
  { kind: 'ReplicaSet', path: 'spec/selector/matchLabels', create: true },
  { kind: 'DaemonSet', path: 'spec/selector/matchLabels', create: true },
  { kind: 'StatefulSet', group: 'apps', path: 'spec/selector/matchLabels', create: true },
  ...['Deployment', 'StatefulSet'].flatMap((kind) =>
    [...AFFINITY, 'topologySpreadConstraints/labelSelector'].map((field) => ({
      kind,
      group: 'apps',
      path: `spec/template/spec/${field}/matchLabels`,
    })),
  ),
  { kind: 'Job', group: 'batch', path: 'spec/selector/matchLabels' },
  { kind: 'CronJob', group: 'batch', path: 'spec/jobTemplate/spec/selector/matchLabels' },
  { kind: 'PodDisruptionBudget', group: 'policy', path: 'spec/selector/matchLabels' },
  ...['spec', 'spec/ingress/from', 'spec/egress/to'].map((place) => ({
    kind: 'NetworkPolicy',
    group: 'networking.k8s.io',
    path: `${place}/podSelector/matchLabels`,
  })),
  ...TEMPLATE_LABELS,
]

export const ANNOTATIONS: readonly FieldSpec[] = [
  { path: 'metadata/annotations', create: true },
  ...inTemplates('metadata/annotations'),
]

const REPLICATED = ['Deployment', 'ReplicationController', 'ReplicaSet', 'StatefulSet'] as const

export const REPLICAS: readonly FieldSpec[] = REPLICATED.map((kind) => ({
  kind,
  path: 'spec/replicas',
  create: true,
}))

/** Names a resource of one kind gives to those of another. */
export interface Reference {
  readonly to: Partial<FieldSpec>
  readonly from: readonly FieldSpec[]
}

const POD_SPECS = {
  Pod: 'spec',
  PodTemplate: 'template/spec',
  Deployment: 'spec/template/spec',
  ReplicaSet: 'spec/template/spec',
  DaemonSet: 'spec/template/spec',
  StatefulSet: 'spec/template/spec',
  Job: 'spec/template/spec',
  CronJob: 'spec/jobTemplate/spec/template/spec',
  ReplicationController: 'spec/template/spec',
} as const

type Running = keyof typeof POD_SPECS

const inPodSpecs = (kinds: readonly Running[], fields: readonly string[]): FieldSpec[] =>
  kinds.flatMap((kind) => fields.map((field) => ({ kind, path: `${POD_SPECS[kind]}/${field}` })))

const CONFIGURED: readonly Running[] = [
  'Pod',
  'PodTemplate',
  'Deployment',
  'ReplicaSet',
  'DaemonSet',
  'StatefulSet',
  'Job',
  'CronJob',
]
const ACTING: readonly Running[] = [
  'Pod',
  'StatefulSet',
  'Deployment',
  'ReplicationController',
  'CronJob',
  'Job',
  'DaemonSet',
]

const inContainers = (field: string): string[] =>
  ['containers', 'initContainers'].map((list) => `${list}/${field}`)

const NAMED_IN_ROLES: readonly FieldSpec[] = [
  { kind: 'Role', path: 'rules/resourceNames' },
  { kind: 'ClusterRole', path: 'rules/resourceNames' },
]

const RBAC = 'rbac.authorization.k8s.io'
const BINDINGS = ['RoleBinding', 'ClusterRoleBinding'] as const

export const REFERENCES: readonly Reference[] = [
  ...REPLICATED.map((kind) => ({
    to: { kind },
    from: [{ kind: 'HorizontalPodAutoscaler', path: 'spec/scaleTargetRef/name' }],
  })),
  {
    to: { kind: 'ConfigMap', version: 'v1' },
    from: [
      ...inPodSpecs(CONFIGURED, [
        'volumes/configMap/name',
        ...inContainers('env/valueFrom/configMapKeyRef/name'),
        ...inContainers('envFrom/configMapRef/name'),
        'volumes/projected/sources/configMap/name',
      ]),
      ...NAMED_IN_ROLES,
    ],
  },
  {
    to: { kind: 'Secret', version: 'v1' },
    from: [
      ...inPodSpecs(CONFIGURED, [
        'volumes/secret/secretName',
        ...inContainers('env/valueFrom/secretKeyRef/name'),
        ...inContainers('envFrom/secretRef/name'),
        'imagePullSecrets/name',
        'volumes/projected/sources/secret/name',
      ]),
      { kind: 'Ingress', path: 'spec/tls/secretName' },
      { kind: 'Ingress', path: 'metadata/annotations/nginx.ingress.kubernetes.io\\/auth-secret' },
      { kind: 'ServiceAccount', path: 'imagePullSecrets/name' },
      { kind: 'PersistentVolume', path: 'spec/azureFile/secretName' },
      ...NAMED_IN_ROLES,
    ],
  },
  {
    to: { kind: 'Service', version: 'v1' },
    from: [
      { kind: 'StatefulSet', group: 'apps', path: 'spec/serviceName' },
      { kind: 'Ingress', path: 'spec/rules/http/paths/backend/service/name' },
      { kind: 'Ingress', path: 'spec/defaultBackend/service/name' },
      { kind: 'APIService', path: 'spec/service/name' },
      { kind: 'ValidatingWebhookConfiguration', path: 'webhooks/clientConfig/service' },
      { kind: 'MutatingWebhookConfiguration', path: 'webhooks/clientConfig/service' },
    ],
  },
  {
    to: { kind: 'Role', group: RBAC },
    from: [{ kind: 'RoleBinding', group: RBAC, path: 'roleRef/name' }],
  },
  {
    to: { kind: 'ClusterRole', group: RBAC },
    from: BINDINGS.map((kind) => ({ kind, group: RBAC, path: 'roleRef/name' })),
  },
  {
    to: { kind: 'ServiceAccount', version: 'v1' },
    from: [
      ...BINDINGS.map((kind) => ({ kind, group: RBAC, path: 'subjects' })),
      ...inPodSpecs(ACTING, ['serviceAccountName']),
    ],
  },
  {
    to: { kind: 'PersistentVolumeClaim', version: 'v1' },
    from: inPodSpecs(ACTING, ['volumes/persistentVolumeClaim/claimName']),
  },
  {
    to: { kind: 'PersistentVolume', version: 'v1' },
    from: [{ kind: 'PersistentVolumeClaim', path: 'spec/volumeName' }],
  },
  {
    to: { kind: 'StorageClass', group: 'storage.k8s.io' },
    from: [
      { kind: 'PersistentVolume', path: 'spec/storageClassName' },
      { kind: 'PersistentVolumeClaim', path: 'spec/storageClassName' },
      { kind: 'StatefulSet', path: 'spec/volumeClaimTemplates/spec/storageClassName' },
    ],
  },
  {
    to: { kind: 'PriorityClass', group: 'scheduling.k8s.io' },
    from: inPodSpecs(ACTING, ['priorityClassName']),
  },
  {
    to: { kind: 'ValidatingAdmissionPolicy' },
    from: [{ kind: 'ValidatingAdmissionPolicyBinding', path: 'spec/policyName' }],
  },
]
