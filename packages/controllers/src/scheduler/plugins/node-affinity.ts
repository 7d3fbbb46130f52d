import type { NodeSelectorTerm, Pod } from '@miniplane/api'
import { onChangedNode } from '../framework/hints.js'
import {
  FITS,
  type FilterPlugin,
  highestIsBest,
  type Prepared,
  type ScorePlugin,
  unresolvable,
} from '../framework/plugin.js'
import { allowsNode, matchesTerm } from './node-selector.js'

const NO_MATCH = unresolvable("node(s) didn't match Pod's node affinity/selector")
const CONFLICT = unresolvable('pod affinity terms conflict')

/** `nodeSelector` and node affinity, required and preferred. */
export const nodeAffinity: FilterPlugin & ScorePlugin = {
  name: 'NodeAffinity',
  weight: 2,
  retryOn: ['node/added', 'node/labels'],
  mayHelp: onChangedNode,

  prefilter({ pod }) {
    const required = pod.spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution
    if (required === undefined && pod.spec.nodeSelector === undefined) return undefined
    const onlyNodes = namedNodes(required?.nodeSelectorTerms)
    if (onlyNodes?.size === 0) return CONFLICT
    const filter: Prepared['filter'] = ({ node }) =>
      node && allowsNode(pod, node) ? FITS : NO_MATCH
    return onlyNodes ? { filter, onlyNodes } : { filter }
  },

  prescore({ pod }) {
    const preferred = preferredTerms(pod)
    if (preferred.length === 0) return undefined
    return {
      score({ node }) {
        let sum = 0
        for (const { preference, weight } of preferred) {
          if (node && matchesTerm(preference, node)) sum += weight
        }
        return sum
      },
      normalize: highestIsBest,
    }
  },
}

const preferredTerms = (pod: Pod) =>
  pod.spec.affinity?.nodeAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? []

/**
 * The nodes that the terms name, when every term names some: a DaemonSet's Pods name their one
 * node this way, and need not be held against all others.
 */
function namedNodes(terms: readonly NodeSelectorTerm[] | undefined): Set<string> | undefined {
  if (!terms?.length) return undefined
  const named = new Set<string>()
  for (const { matchFields = [] } of terms) {
    const byName = matchFields.filter((r) => r.key === 'metadata.name' && r.operator === 'In')
    if (byName.length === 0) return undefined
    const [first, ...others] = byName.map((requirement) => requirement.values ?? [])
    for (const name of first ?? []) {
      if (others.every((values) => values.includes(name))) named.add(name)
    }
  }
  return named
}
