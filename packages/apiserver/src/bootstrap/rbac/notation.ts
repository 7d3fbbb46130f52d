import type { KubeObject, PolicyRule, RoleRef, Subject } from '@miniplane/api'

/** Words of a list, in the order in which the real server writes them. */
const words = (text: string): string[] =>
  text
    .split(' ')
    .map((word) => (word === 'core' ? '' : word))
    .sort()

/** `rule('get list', 'core apps', 'pods deployments')`; `core` is the group without a name. */
export const rule = (
  verbs: string,
  groups: string,
  resources: string,
  names?: string,
): PolicyRule => ({
  verbs: words(verbs),
  apiGroups: words(groups),
  resources: words(resources),
  ...(names !== undefined && { resourceNames: words(names) }),
})

export const pathRule = (verbs: string, urls: string): PolicyRule => ({
  verbs: words(verbs),
  nonResourceURLs: words(urls),
})

export const READ = 'get list watch'
export const WRITE = 'create delete deletecollection patch update'
export const READ_WRITE = `${READ} ${WRITE}`

/** Reporting what happened, in either group of events. */
export const EVENTS = rule('create patch update', 'core events.k8s.io', 'events')

export const GROUP = 'rbac.authorization.k8s.io'
const API_VERSION = `${GROUP}/v1`

export const user = (name: string): Subject => ({ kind: 'User', apiGroup: GROUP, name })
export const group = (name: string): Subject => ({ kind: 'Group', apiGroup: GROUP, name })
export const account = (name: string, namespace = 'kube-system'): Subject => ({
  kind: 'ServiceAccount',
  name,
  namespace,
})

/** What says of a role or binding that it is ours, and that we keep it as it should be. */
const OURS = { 'kubernetes.io/bootstrapping': 'rbac-defaults' }
export const AUTOUPDATE = 'rbac.authorization.kubernetes.io/autoupdate'

const metadata = (name: string, namespace?: string, labels?: Record<string, string>) => ({
  name,
  ...(namespace !== undefined && { namespace }),
  labels: { ...OURS, ...labels },
  annotations: { [AUTOUPDATE]: 'true' },
})

export interface RoleExtras {
  readonly labels?: Record<string, string>
  /** Its rules are those of all roles with this label, put together by a controller. */
  readonly aggregates?: string
}

export function clusterRole(
  name: string,
  rules: readonly PolicyRule[],
  { labels, aggregates }: RoleExtras = {},
): KubeObject {
  const selectors = [{ matchLabels: { [aggregates ?? '']: 'true' } }]
  return {
    apiVersion: API_VERSION,
    kind: 'ClusterRole',
    metadata: metadata(name, undefined, labels),
    rules: rules.length > 0 ? [...rules] : null,
    ...(aggregates !== undefined && { aggregationRule: { clusterRoleSelectors: selectors } }),
  } as KubeObject
}

export const role = (namespace: string, name: string, rules: readonly PolicyRule[]): KubeObject =>
  ({
    apiVersion: API_VERSION,
    kind: 'Role',
    metadata: metadata(name, namespace),
    rules: [...rules],
  }) as KubeObject

export const clusterRoleBinding = (
  name: string,
  clusterRole: string,
  subjects: readonly Subject[],
): KubeObject =>
  ({
    apiVersion: API_VERSION,
    kind: 'ClusterRoleBinding',
    metadata: metadata(name),
    ...(subjects.length > 0 && { subjects: [...subjects] }),
    roleRef: reference('ClusterRole', clusterRole),
  }) as KubeObject

export const roleBinding = (
  namespace: string,
  name: string,
  roleName: string,
  subjects: readonly Subject[],
): KubeObject =>
  ({
    apiVersion: API_VERSION,
    kind: 'RoleBinding',
    metadata: metadata(name, namespace),
    subjects: [...subjects],
    roleRef: reference('Role', roleName),
  }) as KubeObject

const reference = (kind: string, name: string): RoleRef => ({ apiGroup: GROUP, kind, name })
