import { onChangedNode } from '../framework/hints.js'
import {
  FITS,
  type FilterPlugin,
  lowestIsBest,
  type ScorePlugin,
  unresolvable,
} from '../framework/plugin.js'
import { isTolerated, untoleratedTaint } from './tolerations.js'

const UNTOLERATED = unresolvable('node(s) had untolerated taint(s)')

export const taintToleration: FilterPlugin & ScorePlugin = {
  name: 'TaintToleration',
  weight: 3,
  retryOn: ['node/added', 'node/taints'],
  mayHelp: onChangedNode,

  /** `unresolvable`: no eviction removes a taint, so preemption need not try the node. */
  prefilter: (pod) => ({
    filter: (node) => (untoleratedTaint(pod, node.node?.spec.taints) ? UNTOLERATED : FITS),
  }),

  /** Counts what the Pod would rather avoid. */
  prescore(pod, _cluster, feasible) {
    const avoided = (effect: string) => effect === 'PreferNoSchedule'
    const anyAvoided = feasible.some((n) => n.node?.spec.taints?.some((t) => avoided(t.effect)))
    if (!anyAvoided) return undefined
    return {
      score: ({ node }) =>
        (node?.spec.taints ?? []).filter((t) => avoided(t.effect) && !isTolerated(pod, t)).length,
      normalize: lowestIsBest,
    }
  },
}
