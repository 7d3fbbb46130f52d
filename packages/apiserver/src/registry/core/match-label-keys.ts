import type { LabelSelector, LabelSelectorRequirement, Pod } from '@miniplane/api'

interface Term {
  labelSelector?: LabelSelector
  matchLabelKeys?: string[] | null
  mismatchLabelKeys?: string[] | null
}

/**
 * Keys that say "with the value that this Pod has" become part of the selectors beside them, once,
 * when the Pod is created: the scheduler looks at selectors only. Changes the Pod.
 * Source: KEP-3633; KEP-3243 for spread constraints.
 */
export function mergeMatchLabelKeys({ metadata, spec }: Pod): void {
  const labels = metadata.labels ?? {}
  for (const affinity of [spec.affinity?.podAffinity, spec.affinity?.podAntiAffinity]) {
    const preferred = affinity?.preferredDuringSchedulingIgnoredDuringExecution ?? []
    for (const { podAffinityTerm } of preferred) mergeInto(podAffinityTerm, labels)
    const required = affinity?.requiredDuringSchedulingIgnoredDuringExecution ?? []
    for (const term of required) mergeInto(term, labels)
  }
  for (const constraint of spec.topologySpreadConstraints ?? []) mergeInto(constraint, labels)
}

function mergeInto(term: Term, labels: Readonly<Record<string, string>>): void {
  const { labelSelector } = term
  // Without a selector nothing is selected, whatever the keys.
  if (!labelSelector) return
  const added = [
    ...requirements('In', term.matchLabelKeys, labels),
    ...requirements('NotIn', term.mismatchLabelKeys, labels),
  ]
  if (added.length === 0) return
  labelSelector.matchExpressions = [...(labelSelector.matchExpressions ?? []), ...added]
}

function requirements(
  operator: string,
  keys: readonly string[] | null | undefined,
  labels: Readonly<Record<string, string>>,
): LabelSelectorRequirement[] {
  return (keys ?? []).flatMap((key) => {
    const value = Object.hasOwn(labels, key) ? labels[key] : undefined
    return value === undefined ? [] : [{ key, operator, values: [value] }]
  })
}
