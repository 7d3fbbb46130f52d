import type { BuildResource, ResourceId } from './resource.js'

/** What others need comes first. */
const FIRST = [
  'Namespace',
  'ResourceQuota',
  'StorageClass',
  'CustomResourceDefinition',
  'ServiceAccount',
  'PodSecurityPolicy',
  'Role',
  'ClusterRole',
  'RoleBinding',
  'ClusterRoleBinding',
  'ConfigMap',
  'Secret',
  'Endpoints',
  'Service',
  'LimitRange',
  'PriorityClass',
  'PersistentVolume',
  'PersistentVolumeClaim',
  'Deployment',
  'StatefulSet',
  'CronJob',
  'PodDisruptionBudget',
]
const LAST = ['MutatingWebhookConfiguration', 'ValidatingWebhookConfiguration']

export interface SortOptions {
  readonly order?: string
  readonly legacySortOptions?: {
    readonly orderFirst?: readonly string[]
    readonly orderLast?: readonly string[]
  }
}

/** In kustomize's order by kinds, unless it is to stay as it was written. */
export function inOrder(
  resources: readonly BuildResource[],
  options: SortOptions | undefined,
): readonly BuildResource[] {
  if (options?.order === 'fifo') return resources
  const first = options?.legacySortOptions?.orderFirst ?? FIRST
  const last = options?.legacySortOptions?.orderLast ?? LAST
  const rank = (kind: string): number => {
    const ahead = first.indexOf(kind)
    return ahead >= 0 ? ahead - first.length : last.indexOf(kind) + 1
  }
  const keyed = resources.map((resource) => ({ resource, key: sortKey(resource.id) }))
  keyed.sort((a, b) => {
    const byKind = rank(a.resource.id.kind) - rank(b.resource.id.kind)
    return byKind !== 0 ? byKind : a.key < b.key ? -1 : 1
  })
  return keyed.map(({ resource }) => resource)
}

const sortKey = ({ group, version, kind, namespace, name }: ResourceId): string =>
  `${group || '~G'}_${version || '~V'}_${kind || '~K'}|${namespace || '~X'}|${name || '~N'}`
