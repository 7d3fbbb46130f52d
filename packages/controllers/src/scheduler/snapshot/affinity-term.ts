import {
  type LabelMatcher,
  labelSelectorFrom,
  type Pod,
  type PodAffinityTerm,
  type WeightedPodAffinityTerm,
} from '@miniplane/api'

/** Labels of a namespace, by its name. */
export type NamespaceLabels = (namespace: string) => Readonly<Record<string, string>>

/** A term of pod (anti-)affinity, made ready for many comparisons. */
export interface AffinityTerm {
  readonly topologyKey: string
  readonly weight: number
  matches(pod: Pod, namespaceLabels: NamespaceLabels): boolean
}

/** `owner` is the Pod that states the term: without namespaces its own is meant. */
export function affinityTerm(owner: Pod, term: PodAffinityTerm, weight = 0): AffinityTerm {
  // A term without a selector is about no Pod at all, unlike one with an empty selector.
  const selector = term.labelSelector && labelSelectorFrom(term.labelSelector)
  const ofNamespace = term.namespaceSelector && labelSelectorFrom(term.namespaceSelector)
  const namespaces = namespacesOf(owner, term)
  return {
    topologyKey: term.topologyKey,
    weight,
    matches(pod, namespaceLabels) {
      if (!selector) return false
      const namespace = pod.metadata.namespace ?? ''
      if (!namespaces.has(namespace) && !isIn(ofNamespace, namespaceLabels, namespace)) return false
      return selector.matches(pod.metadata.labels ?? {})
    },
  }
}

function namespacesOf(owner: Pod, term: PodAffinityTerm): ReadonlySet<string> {
  if (term.namespaces?.length || term.namespaceSelector) return new Set(term.namespaces)
  return new Set([owner.metadata.namespace ?? ''])
}

const isIn = (selector: LabelMatcher | undefined, labels: NamespaceLabels, namespace: string) =>
  selector?.matches(labels(namespace)) ?? false

export const affinityTerms = (owner: Pod, terms: readonly PodAffinityTerm[] | undefined) =>
  (terms ?? []).map((term) => affinityTerm(owner, term))

export const weightedTerms = (owner: Pod, terms: readonly WeightedPodAffinityTerm[] | undefined) =>
  (terms ?? []).map(({ podAffinityTerm, weight }) => affinityTerm(owner, podAffinityTerm, weight))
