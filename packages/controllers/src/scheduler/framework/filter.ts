import type { ClusterView } from '../snapshot/cluster-view.js'
import { withNode } from '../snapshot/cluster-view.js'
import type { NodeInfo } from '../snapshot/node-info.js'
import type { PodInfo } from '../snapshot/pod-info.js'
import {
  FITS,
  type FilterPlugin,
  type Fit,
  isRefusal,
  type Refusal,
  unresolvable,
  type Verdict,
} from './plugin.js'

/** A refusal and who spoke it. */
export interface NodeRefusal {
  readonly plugin: string
  readonly refusal: Refusal
}

/** Every filter, prepared for one Pod in one cluster. */
export interface PodFilter {
  /** No node can take the Pod; nodes need not be asked. */
  readonly rejection?: NodeRefusal
  check(node: NodeInfo): Fit | NodeRefusal
}

export const isFit = (outcome: Fit | NodeRefusal): outcome is Fit => 'fits' in outcome

export function prepareFilter(
  pod: PodInfo,
  cluster: ClusterView,
  plugins: readonly FilterPlugin[],
): PodFilter {
  const checks: { plugin: string; filter: (node: NodeInfo) => Verdict }[] = []
  const narrowing: { plugin: string; onlyNodes: ReadonlySet<string> }[] = []
  for (const plugin of plugins) {
    const prepared = plugin.prefilter(pod, cluster)
    if (prepared === undefined) continue
    if (isRefusal(prepared)) {
      return { rejection: { plugin: plugin.name, refusal: prepared }, check: () => FITS }
    }
    const { filter, onlyNodes } = prepared
    if (filter) checks.push({ plugin: plugin.name, filter })
    if (onlyNodes) narrowing.push({ plugin: plugin.name, onlyNodes })
  }
  return {
    check(node) {
      for (const { plugin, onlyNodes } of narrowing) {
        if (onlyNodes.has(node.name)) continue
        return { plugin, refusal: unresolvable(`node(s) didn't satisfy plugin(s) [${plugin}]`) }
      }
      for (const { plugin, filter } of checks) {
        const verdict = filter(node)
        if (!verdict.fits) return { plugin, refusal: verdict }
      }
      return FITS
    },
  }
}

/**
 * The same with Pods in mind that preemption has promised room on this node: those as important as
 * this one, or more, count as if they were there. It must fit without them as well, since they may
 * end up elsewhere, and somebody's affinity with them would then be an error.
 */
export function checkWithNominated(
  pod: PodInfo,
  node: NodeInfo,
  cluster: ClusterView,
  plugins: readonly FilterPlugin[],
  filter: PodFilter,
  nominated: readonly PodInfo[],
): Fit | NodeRefusal {
  const promised = nominated.filter((p) => p.priority >= pod.priority && p.uid !== pod.uid)
  if (promised.length > 0) {
    const crowded = node.clone()
    for (const other of promised) crowded.add(other)
    const view = withNode(cluster, crowded)
    const outcome = prepareFilter(pod, view, plugins).check(crowded)
    if (!isFit(outcome)) return outcome
  }
  return filter.check(node)
}
