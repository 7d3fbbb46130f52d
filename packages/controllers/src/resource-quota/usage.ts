import {
  groupResourceText,
  isPodTerminal,
  type KubeObject,
  type PersistentVolumeClaim,
  type Pod,
  parseQuantity,
  podLimits,
  podQosClass,
  podRequests,
  Quantity,
  type ResourceQuota,
  type ScopedResourceSelectorRequirement,
  type Service,
} from '@miniplane/api'

/** Resource name in a quota → amount. */
export type Usage = ReadonlyMap<string, Quantity>

interface Kind {
  readonly group: string
  readonly resource: string
}

const one = parseQuantity('1')

/** What one object takes out of a quota, whatever the quota asks for. */
export function usageOf(kind: Kind, object: KubeObject): Usage {
  const usage = new Map<string, Quantity>()
  usage.set(`count/${groupResourceText(kind)}`, one)
  if (kind.group !== '') return usage
  if (COUNTED.has(kind.resource)) usage.set(kind.resource, one)
  if (kind.resource === 'pods') addPod(usage, object as Pod & KubeObject)
  if (kind.resource === 'services') addService(usage, object as Service & KubeObject)
  if (kind.resource === 'persistentvolumeclaims') {
    addClaim(usage, object as PersistentVolumeClaim & KubeObject)
  }
  return usage
}

/** Resources that a quota counts by their plain name. */
const COUNTED: ReadonlySet<string> = new Set([
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
    if (PLAIN_REQUESTS.has(name)) usage.set(name, amount)
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
export function isInScope({ spec }: ResourceQuota, kind: Kind, object: KubeObject): boolean {
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

/** The sum of what the objects take, of just the resources that the quota limits. */
export function usedOf(
  quota: ResourceQuota,
  objects: Iterable<{ readonly kind: Kind; readonly object: KubeObject }>,
): Record<string, string> {
  const used = new Map<string, Quantity>()
  for (const name of Object.keys(quota.spec.hard ?? {})) used.set(name, Quantity.zero)
  for (const { kind, object } of objects) {
    if (!isInScope(quota, kind, object)) continue
    for (const [name, amount] of usageOf(kind, object)) {
      const sum = used.get(name)
      if (sum) used.set(name, sum.add(amount))
    }
  }
  return Object.fromEntries([...used].map(([name, sum]) => [name, sum.toString()]))
}

/** Whether the quota limits anything of this kind. */
export function concerns({ spec }: ResourceQuota, kind: Kind): boolean {
  const hard = Object.keys(spec.hard ?? {})
  const counted = `count/${groupResourceText(kind)}`
  if (hard.includes(counted)) return true
  if (kind.group !== '') return false
  switch (kind.resource) {
    case 'pods':
      return hard.some((name) => !name.includes('/') && !COUNTED.has(name))
    case 'services':
      return hard.some((name) => name.startsWith('services'))
    case 'persistentvolumeclaims':
      return hard.some((name) => /persistentvolumeclaims$|requests\.storage$/.test(name))
    default:
      return COUNTED.has(kind.resource) && hard.includes(kind.resource)
  }
}
