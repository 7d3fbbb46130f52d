import { FITS, type FilterPlugin, unschedulable } from '../framework/plugin.js'
import type { NodeInfo } from '../snapshot/node-info.js'
import { claimUses } from '../volumes/pod-claims.js'

const IN_USE = unschedulable(
  'node has pod using PersistentVolumeClaim with the same name and ReadWriteOncePod access mode',
)

/** A claim for one Pod alone has one Pod in the whole cluster. */
export const volumeRestrictions: FilterPlugin = {
  name: 'VolumeRestrictions',
  retryOn: ['pod/removed', 'claim/changed', 'node/added'],
  prefilter({ pod }, cluster) {
    const { namespace = '' } = pod.metadata
    const exclusive = new Set(
      claimUses(pod)
        .map(({ name }) => name)
        .filter((name) => isExclusive(cluster.claim(namespace, name)?.spec.accessModes)),
    )
    if (exclusive.size === 0) return undefined
    const isUser = ({ pods }: NodeInfo) =>
      [...pods.values()].some(
        (other) =>
          other.pod.metadata.namespace === namespace &&
          claimUses(other.pod).some(({ name }) => exclusive.has(name)),
      )
    const users = cluster.nodes.filter(isUser).map(({ name }) => name)
    return {
      filter: (node) => (users.some((name) => name !== node.name) || isUser(node) ? IN_USE : FITS),
    }
  },
}

const isExclusive = (accessModes: readonly string[] | undefined): boolean =>
  accessModes?.includes('ReadWriteOncePod') ?? false
