import type { KubeObject, PolicyRule } from '@miniplane/api'
import { clusterRole, pathRule, READ, READ_WRITE, rule, WRITE } from './notation.js'

const ADMIN = 'rbac.authorization.k8s.io/aggregate-to-admin'
const EDIT = 'rbac.authorization.k8s.io/aggregate-to-edit'
const VIEW = 'rbac.authorization.k8s.io/aggregate-to-view'

/** Roles for people: `view` ⊂ `edit` ⊂ `admin` of a namespace, and `cluster-admin` of everything. */
export const userRoles = (): KubeObject[] => [
  clusterRole('cluster-admin', [rule('*', '*', '*'), pathRule('*', '*')]),
  clusterRole('system:discovery', [
    pathRule(
      'get',
      '/livez /readyz /healthz /version /version/ /openapi /openapi/* /api /api/* /apis /apis/*',
    ),
  ]),
  clusterRole('system:monitoring', [
    pathRule(
      'get',
      '/metrics /metrics/slis /livez /readyz /healthz /livez/* /readyz/* /healthz/* /flagz /statusz',
    ),
    rule('get', 'core', 'nodes/metrics'),
  ]),
  clusterRole('system:basic-user', [
    rule('create', 'authorization.k8s.io', 'selfsubjectaccessreviews selfsubjectrulesreviews'),
    rule('create', 'authentication.k8s.io', 'selfsubjectreviews'),
  ]),
  clusterRole('system:public-info-viewer', [
    pathRule('get', '/livez /readyz /healthz /version /version/'),
  ]),
  clusterRole('admin', [], { aggregates: ADMIN }),
  clusterRole('edit', [], { labels: { [ADMIN]: 'true' }, aggregates: EDIT }),
  clusterRole('view', [], { labels: { [EDIT]: 'true' }, aggregates: VIEW }),
  clusterRole('system:aggregate-to-admin', administering, { labels: { [ADMIN]: 'true' } }),
  clusterRole('system:aggregate-to-edit', editing, { labels: { [EDIT]: 'true' } }),
  clusterRole('system:aggregate-to-view', viewing, { labels: { [VIEW]: 'true' } }),
]

const administering: readonly PolicyRule[] = [
  rule('create', 'authorization.k8s.io', 'localsubjectaccessreviews'),
  rule(READ_WRITE, 'rbac.authorization.k8s.io', 'roles rolebindings'),
]

/** Secrets and a Pod's inside are only for those who may change things. */
const editing: readonly PolicyRule[] = [
  rule(READ, 'core', 'pods/attach pods/proxy pods/exec pods/portforward secrets services/proxy'),
  rule('impersonate', 'core', 'serviceaccounts'),
  rule(WRITE, 'core', 'pods pods/attach pods/proxy pods/exec pods/portforward'),
  rule('create', 'core', 'pods/eviction'),
  rule(
    WRITE,
    'core',
    'replicationcontrollers replicationcontrollers/scale serviceaccounts services services/proxy persistentvolumeclaims configmaps secrets',
  ),
  rule('create', 'core', 'serviceaccounts/token'),
  rule(WRITE, 'core events.k8s.io', 'events'),
  rule(
    WRITE,
    'apps',
    'statefulsets statefulsets/scale daemonsets deployments deployments/scale deployments/rollback replicasets replicasets/scale',
  ),
  rule(WRITE, 'autoscaling', 'horizontalpodautoscalers'),
  rule(WRITE, 'batch', 'jobs cronjobs'),
  rule(
    WRITE,
    'extensions',
    'daemonsets deployments deployments/scale deployments/rollback ingresses replicasets replicasets/scale replicationcontrollers/scale networkpolicies',
  ),
  rule(WRITE, 'policy', 'poddisruptionbudgets'),
  rule(WRITE, 'networking.k8s.io', 'networkpolicies ingresses'),
  rule(READ_WRITE, 'coordination.k8s.io', 'leases'),
  rule(WRITE, 'resource.k8s.io', 'resourceclaims resourceclaimtemplates'),
]

const viewing: readonly PolicyRule[] = [
  rule(
    READ,
    'core',
    'pods replicationcontrollers replicationcontrollers/scale serviceaccounts services services/status endpoints persistentvolumeclaims persistentvolumeclaims/status configmaps',
  ),
  rule(
    READ,
    'core',
    'limitranges resourcequotas resourcequotas/status bindings namespaces/status replicationcontrollers/status pods/status pods/log',
  ),
  rule(READ, 'core', 'namespaces'),
  rule(READ, 'core events.k8s.io', 'events'),
  rule(READ, 'discovery.k8s.io', 'endpointslices'),
  rule(
    READ,
    'apps',
    'controllerrevisions statefulsets statefulsets/status statefulsets/scale daemonsets daemonsets/status deployments deployments/status deployments/scale replicasets replicasets/status replicasets/scale',
  ),
  rule(READ, 'autoscaling', 'horizontalpodautoscalers horizontalpodautoscalers/status'),
  rule(READ, 'batch', 'jobs cronjobs jobs/status cronjobs/status'),
  rule(
    READ,
    'extensions',
    'daemonsets daemonsets/status deployments deployments/status deployments/scale ingresses ingresses/status replicasets replicasets/status replicasets/scale replicationcontrollers/scale networkpolicies',
  ),
  rule(READ, 'policy', 'poddisruptionbudgets poddisruptionbudgets/status'),
  rule(READ, 'networking.k8s.io', 'networkpolicies ingresses ingresses/status'),
  rule(READ, 'resource.k8s.io', 'resourceclaims resourceclaims/status resourceclaimtemplates'),
]
