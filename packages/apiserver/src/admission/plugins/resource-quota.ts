import {
  type Container,
  isInQuotaScope,
  type KubeObject,
  type Pod,
  parseQuantity,
  Quantity,
  type QuotaUsage,
  quotaResourcesOf,
  quotaUsageOf,
  type ResourceQuota,
} from '@miniplane/api'
import type { AdmissionPlugin, AdmissionRequest } from '../admission.js'
import { refuse } from './request-kinds.js'

type Amounts = Readonly<Record<string, string>>

/** Kinds whose later changes may take more than they took when they were made. */
const GROWING = new Set(['persistentvolumeclaims', 'services'])
/** What a cluster writes about itself must not use up what its users are given. */
const UNLIMITED = new Set(['events'])
/** Whoever limits these makes every container say how much it wants of them. */
const STATED = new Set([
  'cpu',
  'memory',
  'requests.cpu',
  'requests.memory',
  'limits.cpu',
  'limits.memory',
])

/**
 * Charges the quotas of a namespace for what is created there, and refuses what would exceed one.
 * What goes away is credited by the quotas' controller, which also corrects what was charged for a
 * write that failed afterwards. A quota whose status is empty has not been counted yet, and lets
 * everything through.
 */
export const resourceQuota: AdmissionPlugin = {
  name: 'ResourceQuota',
  handles(operation, { group, resource, namespaced }, subresource) {
    if (!namespaced || UNLIMITED.has(resource)) return false
    if (operation === 'CREATE') return subresource === ''
    if (operation !== 'UPDATE' || group !== '') return false
    return subresource === '' ? GROWING.has(resource) : subresource === 'resize'
  },
  validate(request): void | Promise<void> {
    const quotas = [...request.context.lister.list('', 'resourcequotas', request.namespace)]
    const concerned = quotas.filter((quota) => isConcerned(quota as ResourceQuota, request))
    if (concerned.length > 0) return chargeAll(concerned as ResourceQuota[], request)
  },
}

async function chargeAll(
  quotas: readonly ResourceQuota[],
  request: AdmissionRequest,
): Promise<void> {
  const added = addedUsage(request)
  const charged = quotas.filter((quota) => charge(quota, added, request))
  for (const { metadata } of charged)
    await request.context.writeStatus('', 'resourcequotas', metadata.name ?? '', (draft) => {
      const used = charge(draft as ResourceQuota, added, request)
      if (used) (draft as ResourceQuota).status.used = used
    })
}

/** Whether the quota counts the object at all. Throws when it cannot tell how much. */
function isConcerned(quota: ResourceQuota, request: AdmissionRequest): boolean {
  const { definition, object } = request
  const { hard = {}, used = {} } = quota.status
  const names = quotaResourcesOf(definition, Object.keys(hard))
  if (names.length === 0 || !object || !isInQuotaScope(quota, definition, object)) return false
  const name = quota.metadata.name ?? ''
  if (definition.group === '' && definition.resource === 'pods') {
    const missing = unstated(object as Pod, names)
    if (missing) throw refuse(request, `failed quota: ${name}: must specify ${missing}`)
  }
  if (names.some((each) => used[each] === undefined)) {
    const resources = names.sort().join(',')
    throw refuse(request, `status unknown for quota: ${name}, resources: ${resources}`)
  }
  return true
}

/** What each limited resource lacks, `requests.cpu for: c,d; memory for: c`. */
function unstated({ spec }: Pod, names: readonly string[]): string | undefined {
  if (spec.resources !== undefined) return undefined
  const containers = [...spec.containers, ...(spec.initContainers ?? [])]
  const faults: string[] = []
  for (const name of names.filter((each) => STATED.has(each)).sort()) {
    const silent = containers.filter((container) => !states(container, name))
    if (silent.length === 0) continue
    const who = [...new Set(silent.map((container) => container.name))].sort()
    faults.push(`${name} for: ${who.join(',')}`)
  }
  return faults.length > 0 ? faults.join('; ') : undefined
}

function states({ resources }: Container, name: string): boolean {
  const [side, resource = ''] = name.includes('.') ? name.split('.') : ['requests', name]
  return resources?.[side as 'requests' | 'limits']?.[resource] !== undefined
}

/** What the write takes beyond what the object took before. */
function addedUsage(request: AdmissionRequest): QuotaUsage {
  const { definition, object, oldObject } = request
  const usage = object ? quotaUsageOf(definition, object) : new Map<string, Quantity>()
  const negative = [...usage].filter(([, amount]) => amount.sign() < 0).map(([name]) => name)
  if (negative.length > 0) {
    const resources = negative.sort().join(',')
    throw refuse(request, `quota usage is negative for resource(s): ${resources}`)
  }
  const before = oldObject ? quotaUsageOf(definition, oldObject as KubeObject) : undefined
  const added = new Map<string, Quantity>()
  for (const [name, amount] of usage) {
    const more = amount.sub(before?.get(name) ?? Quantity.zero)
    if (more.sign() > 0) added.set(name, more)
  }
  return added
}

/** The quota's usage with `added`, or undefined when nothing of it is limited. Throws 403. */
function charge(
  { metadata, status }: ResourceQuota,
  added: QuotaUsage,
  request: AdmissionRequest,
): Record<string, string> | undefined {
  const { hard = {}, used = {} } = status
  const next = { ...used }
  const exceeded: string[] = []
  for (const [name, amount] of added) {
    const limit = hard[name]
    if (limit === undefined) continue
    const sum = parseQuantity(used[name] ?? '0').add(amount)
    if (sum.compare(parseQuantity(limit)) > 0) exceeded.push(name)
    next[name] = sum.toString()
  }
  if (exceeded.length > 0) {
    const requested = Object.fromEntries([...added].map(([name, each]) => [name, `${each}`]))
    const shown = (amounts: Amounts) =>
      exceeded
        .sort()
        .map((name) => `${name}=${amounts[name]}`)
        .join(',')
    throw refuse(
      request,
      `exceeded quota: ${metadata.name}, requested: ${shown(requested)}, used: ${shown(used)}, limited: ${shown(hard)}`,
    )
  }
  return [...added.keys()].some((name) => hard[name] !== undefined) ? next : undefined
}
