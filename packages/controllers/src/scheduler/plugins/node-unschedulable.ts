import { onChangedNode } from '../framework/hints.js'
import { FITS, type FilterPlugin, unresolvable } from '../framework/plugin.js'
import { isTolerated } from './tolerations.js'

const CORDONED = unresolvable('node(s) were unschedulable')
const TAINT = { key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' }

/** Keeps Pods off cordoned nodes, but for those that tolerate the taint that goes with it. */
export const nodeUnschedulable: FilterPlugin = {
  name: 'NodeUnschedulable',
  retryOn: ['node/added', 'node/taints'],
  mayHelp: onChangedNode,
  prefilter(pod) {
    if (isTolerated(pod, TAINT)) return undefined
    return { filter: (node) => (node.node?.spec.unschedulable ? CORDONED : FITS) }
  },
}
