import { onChangedNode } from '../framework/hints.js'
import {
  FITS,
  type FilterPlugin,
  SCORE_MAX,
  type ScorePlugin,
  type Verdict,
} from '../framework/plugin.js'
import type { NodeInfo } from '../snapshot/node-info.js'
import type { PodInfo } from '../snapshot/pod-info.js'

/** Compared when nodes are scored; all others are only checked for fit. */
const SCORED = ['cpu', 'memory'] as const

/** A Pod goes only where what it asks for is free; the emptiest node is best (LeastAllocated). */
export const nodeResourcesFit: FilterPlugin & ScorePlugin = {
  name: 'NodeResourcesFit',
  weight: 1,
  retryOn: ['node/added', 'node/allocatable', 'pod/removed', 'pod/resources'],
  mayHelp: onChangedNode,
  prefilter: (pod) => ({ filter: (node) => fit(pod, node) }),

  prescore: (pod) => ({
    score(node) {
      let sum = 0
      let counted = 0
      for (const name of SCORED) {
        const capacity = node.allocatable.get(name) ?? 0
        if (capacity === 0) continue
        const needed = (node.assumed.get(name) ?? 0) + (pod.assumed.get(name) ?? 0)
        counted++
        if (needed <= capacity) sum += Math.floor(((capacity - needed) * SCORE_MAX) / capacity)
      }
      return counted === 0 ? 0 : Math.floor(sum / counted)
    },
  }),
}

/** `unresolvable` when even the empty node is too small. */
function fit(pod: PodInfo, node: NodeInfo): Verdict {
  let reasons: string[] | undefined
  let resolvable = true
  if (node.pods.size + 1 > (node.allocatable.get('pods') ?? 0)) reasons = ['Too many pods']
  for (const [name, wanted] of pod.requests) {
    const capacity = node.allocatable.get(name) ?? 0
    if (wanted === 0 || wanted <= capacity - (node.requested.get(name) ?? 0)) continue
    reasons ??= []
    reasons.push(`Insufficient ${name}`)
    if (wanted > capacity) resolvable = false
  }
  return reasons ? { fits: false, reasons, resolvable } : FITS
}
