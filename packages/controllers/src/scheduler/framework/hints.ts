import type { ClusterView } from '../snapshot/cluster-view.js'
import type { PodInfo } from '../snapshot/pod-info.js'
import type { Changed } from './changed.js'
import { isFit, prepareFilter } from './filter.js'
import type { FilterPlugin } from './plugin.js'

/**
 * For plugins that look at one node at a time: a node that changes helps those whom the plugin lets on
 * it now. Whether changes of others help is not looked into. Source: KEP-4247 (queueing hints).
 */
export function onChangedNode(
  this: FilterPlugin,
  pod: PodInfo,
  { node }: Changed,
  cluster: ClusterView,
): boolean {
  if (!node) return true
  const filter = prepareFilter(pod, cluster, [this])
  return !filter.rejection && isFit(filter.check(node))
}
