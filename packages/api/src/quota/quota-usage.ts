import type {
  PersistentVolumeClaim,
  Pod,
  ResourceQuota,
  ScopedResourceSelectorRequirement,
  Service,
} from '../generated/types/index.js'
import type { KubeObject } from '../machinery/objects.js'
import { podLimits, podQosClass, podRequests } from '../pods/pod-resources.js'
import { isPodTerminal } from '../pods/pod-state.js'
import { parseQuantity, type Quantity } from '../quantity/quantity.js'
import { groupResourceText } from '../schema/group-version.js'
import type { GroupResource } from '../schema/resource-definition.js'

/** Resource name in a quota → amount. */
export type QuotaUsage = ReadonlyMap<string, Quantity>

const one = parseQuantity('1')

/** What one object takes out of a quota, whatever the quota asks for. */
export function quotaUsageOf(kind: GroupResource, object: KubeObject): QuotaUsage {
  const usage = new Map<string, Quantity>()
  usage.set(`count/${groupResourceText(kind)}`, one)
  if (kind.group !== '') return usage
  if (COUNTED_PLAINLY.has(kind.resource)) usage.set(kind.resource, one)
  if (kind.resource === 'pods') addPod(usage, object as Pod & KubeObject)
  if (kind.resource === 'services') addService(usage, object as Service & KubeObject)
  if (kind.resource === 'persistentvolumeclaims') {
    addClaim(usage, object as PersistentVolumeClaim & KubeObject)
  }
  return usage
}

/** Resources that a quota counts by their plain name. */
const COUNTED_PLAINLY: ReadonlySet<string> = new Set([
  'configmaps',
  'persistentvolumeclaims',
  'replicationcontrollers',
  'resourcequotas',
  'secrets',
  'services',
])

/** Requests count under two names; an ended Pod takes nothing but its place in the store. */
function addPod(usage: Map<string, Quantity>, pod: Pod): void {
  if (isPodTerminal(pod)) return
  usage.set('pods', one)
  for (const [name, amount] of Object.entries(podRequests(pod))) {
    usage.set(`requests.${name}`, amount)
    if (PLAIN_REQUESTS.has(name) || name.startsWith('hugepages-')) usage.set(name, amount)
  }
  for (const [name, amount] of Object.entries(podLimits(pod))) usage.set(`limits.${name}`, amount)
}

const PLAIN_REQUESTS: ReadonlySet<string> = new Set(['cpu', 'memory', 'ephemeral-storage'])

function addService(usage: Map<string, Quantity>, { spec }: Service): void {
  const ports = (spec.ports ?? []).length
  if (spec.type === 'LoadBalancer') usage.set('services.loadbalancers', one)
  if (spec.type === 'NodePort' || (spec.type === 'LoadBalancer' && allocatesPorts(spec))) {
    usage.set('services.nodeports', parseQuantity(ports))
  }
}

const allocatesPorts = (spec: Service['spec']): boolean =>
  spec.allocateLoadBalancerNodePorts !== false

function addClaim(usage: Map<string, Quantity>, { spec }: PersistentVolumeClaim): void {
  const storage = spec.resources?.requests?.storage
  if (storage !== undefined) usage.set('requests.storage', parseQuantity(storage))
  const storageClass = spec.storageClassName
  if (!storageClass) return
  const prefix = `${storageClass}.storageclass.storage.k8s.io`
  usage.set(`${prefix}/persistentvolumeclaims`, one)
  if (storage !== undefined) usage.set(`${prefix}/requests.storage`, parseQuantity(storage))
}

/** Whether the quota's scopes let it count this object; scopes are about Pods. */
export function isInQuotaScope(
  { spec }: ResourceQuota,
  kind: GroupResource,
  object: KubeObject,
): boolean {
  const requirements: ScopedResourceSelectorRequirement[] = [
    ...(spec.scopes ?? []).map((scopeName) => ({ scopeName, operator: 'Exists' })),
    ...(spec.scopeSelector?.matchExpressions ?? []),
  ]
  if (requirements.length === 0) return true
  if (kind.group !== '' || kind.resource !== 'pods') return false
  return requirements.every((requirement) => meetsScope(object as Pod & KubeObject, requirement))
}

function meetsScope(pod: Pod, requirement: ScopedResourceSelectorRequirement): boolean {
  const { scopeName, operator, values = [] } = requirement
  switch (scopeName) {
    case 'Terminating':
      return pod.spec.activeDeadlineSeconds !== undefined
    case 'NotTerminating':
      return pod.spec.activeDeadlineSeconds === undefined
    case 'BestEffort':
      return podQosClass(pod) === 'BestEffort'
    case 'NotBestEffort':
      return podQosClass(pod) !== 'BestEffort'
    case 'PriorityClass':
      return meetsValue(pod.spec.priorityClassName, operator, values)
    case 'CrossNamespacePodAffinity':
      return usesOtherNamespaces(pod)
    default:
      return false
  }
}

function meetsValue(value: string | undefined, operator: string, values: readonly string[]) {
  if (operator === 'Exists') return Boolean(value)
  if (operator === 'DoesNotExist') return !value
  return operator === 'In' ? values.includes(value ?? '') : !values.includes(value ?? '')
}

function usesOtherNamespaces({ spec }: Pod): boolean {
  const { podAffinity, podAntiAffinity } = spec.affinity ?? {}
  const terms = [podAffinity, podAntiAffinity].flatMap((affinity) => [
    ...(affinity?.requiredDuringSchedulingIgnoredDuringExecution ?? []),
    ...(affinity?.preferredDuringSchedulingIgnoredDuringExecution ?? []).map(
      ({ podAffinityTerm }) => podAffinityTerm,
    ),
  ])
  return terms.some(({ namespaces = [], namespaceSelector }) =>
    Boolean(namespaces.length > 0 || namespaceSelector),
  )
}

/** Those of a quota's resources under which objects of this kind may be counted. */
export function quotaResourcesOf(kind: GroupResource, names: readonly string[]): string[] {
  const counted = `count/${groupResourceText(kind)}`
  return names.filter((name) => name === counted || (kind.group === '' && isOwn(kind, name)))
}

function isOwn({ resource }: GroupResource, name: string): boolean {
  if (name === resource && (resource === 'pods' || COUNTED_PLAINLY.has(resource))) return true
  switch (resource) {
    case 'pods':
      return (
        PLAIN_REQUESTS.has(name) ||
        (/^(requests\.|limits\.|hugepages-)/.test(name) && name !== 'requests.storage')
      )
    case 'services':
      return name === 'services.nodeports' || name === 'services.loadbalancers'
    case 'persistentvolumeclaims':
      return name === 'requests.storage' || name.includes('.storageclass.storage.k8s.io/')
    default:
      return false
  }
}
