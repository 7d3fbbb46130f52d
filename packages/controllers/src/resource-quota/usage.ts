import {
  type GroupResource,
  isInQuotaScope,
  type KubeObject,
  Quantity,
  quotaResourcesOf,
  quotaUsageOf,
  type ResourceQuota,
} from '@miniplane/api'

/** The sum of what the objects take, of just the resources that the quota limits. */
export function usedOf(
  quota: ResourceQuota,
  objects: Iterable<{ readonly kind: GroupResource; readonly object: KubeObject }>,
): Record<string, string> {
  const used = new Map<string, Quantity>()
  for (const name of Object.keys(quota.spec.hard ?? {})) used.set(name, Quantity.zero)
  for (const { kind, object } of objects) {
    if (!isInQuotaScope(quota, kind, object)) continue
    for (const [name, amount] of quotaUsageOf(kind, object)) {
      const sum = used.get(name)
      if (sum) used.set(name, sum.add(amount))
    }
  }
  return Object.fromEntries([...used].map(([name, sum]) => [name, sum.toString()]))
}

/** Whether the quota limits anything of this kind. */
export const concerns = ({ spec }: ResourceQuota, kind: GroupResource): boolean =>
  quotaResourcesOf(kind, Object.keys(spec.hard ?? {})).length > 0
