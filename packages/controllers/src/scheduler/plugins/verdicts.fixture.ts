import { isFit, prepareFilter } from '../framework/filter.js'
import type { FilterPlugin } from '../framework/plugin.js'
import type { ClusterView } from '../snapshot/cluster-view.js'
import type { PodInfo } from '../snapshot/pod-info.js'

/** What each node answers: `fits`, the reasons, or the reasons with `!` if no eviction helps. */
export function verdicts(
  plugin: FilterPlugin,
  pod: PodInfo,
  cluster: ClusterView,
): Record<string, string> {
  const filter = prepareFilter(pod, cluster, [plugin])
  const told = ({ reasons, resolvable }: { reasons: readonly string[]; resolvable: boolean }) =>
    `${resolvable ? '' : '!'}${reasons.join(', ')}`
  if (filter.rejection) return { '*': told(filter.rejection.refusal) }
  return Object.fromEntries(
    cluster.nodes.map((node) => {
      const outcome = filter.check(node)
      return [node.name, isFit(outcome) ? 'fits' : told(outcome.refusal)]
    }),
  )
}
