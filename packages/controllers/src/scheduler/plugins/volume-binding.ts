import type { PersistentVolumeClaim, Pod } from '@miniplane/api'
import { FITS, type FilterPlugin, type Refusal, unresolvable } from '../framework/plugin.js'
import type { ClusterView } from '../snapshot/cluster-view.js'
import { matchesAnyTerm } from './node-selector.js'

const WRONG_NODE = unresolvable("node(s) didn't match PersistentVolume's node affinity")
const UNBOUND = unresolvable('pod has unbound immediate PersistentVolumeClaims')

/**
 * A Pod waits until its claims are bound, and goes where their volumes can be reached. Claims of a
 * class that waits for its first consumer hold nothing up: there is nobody who would bind them
 * before the Pod has a node.
 */
export const volumeBinding: FilterPlugin = {
  name: 'VolumeBinding',
  retryOn: ['claim/changed', 'volume/changed', 'storage-class/added', 'node/added', 'node/labels'],
  prefilter({ pod }, cluster) {
    const claims: PersistentVolumeClaim[] = []
    for (const name of claimNames(pod)) {
      const claim = cluster.claim(pod.metadata.namespace ?? '', name)
      const refusal = refuseClaim(claim, name, cluster)
      if (refusal) return refusal
      if (claim) claims.push(claim)
    }
    const placed = claims
      .map((claim) => cluster.volume(claim.spec.volumeName ?? '')?.spec.nodeAffinity?.required)
      .filter((required) => required !== undefined)
    if (placed.length === 0) return undefined
    return {
      filter({ node }) {
        const isReachable = placed.every(
          ({ nodeSelectorTerms = [] }) => node && matchesAnyTerm(nodeSelectorTerms, node),
        )
        return isReachable ? FITS : WRONG_NODE
      },
    }
  },
}

function claimNames(pod: Pod): string[] {
  return (pod.spec.volumes ?? []).flatMap(({ name, persistentVolumeClaim, ephemeral }) => {
    if (persistentVolumeClaim) return [persistentVolumeClaim.claimName]
    return ephemeral ? [`${pod.metadata.name}-${name}`] : []
  })
}

function refuseClaim(
  claim: PersistentVolumeClaim | undefined,
  name: string,
  cluster: ClusterView,
): Refusal | undefined {
  if (!claim) return unresolvable(`persistentvolumeclaim "${name}" not found`)
  if (claim.status.phase === 'Lost') {
    return unresolvable(
      `persistentvolumeclaim "${name}" bound to non-existent persistentvolume "${claim.spec.volumeName ?? ''}"`,
    )
  }
  if (claim.metadata.deletionTimestamp !== undefined) {
    return unresolvable(`persistentvolumeclaim "${name}" is being deleted`)
  }
  if (claim.spec.volumeName || waitsForConsumer(claim, cluster)) return undefined
  return UNBOUND
}

function waitsForConsumer(claim: PersistentVolumeClaim, cluster: ClusterView): boolean {
  const storageClass = cluster.storageClass(claim.spec.storageClassName ?? '')
  return storageClass?.volumeBindingMode === 'WaitForFirstConsumer'
}
