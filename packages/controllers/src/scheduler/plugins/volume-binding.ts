import type { PersistentVolumeClaim, Pod } from '@miniplane/api'
import { isMadeFor, notMadeFor } from '../../ephemeral-volume/made-for.js'
import { FITS, type FilterPlugin, type Refusal, unresolvable } from '../framework/plugin.js'
import type { ClusterView } from '../snapshot/cluster-view.js'
import { chooseVolumes, isReachable } from '../volumes/choose-volumes.js'
import { type ClaimUse, claimUses, waitsForConsumer } from '../volumes/pod-claims.js'

const WRONG_NODE = unresolvable("node(s) didn't match PersistentVolume's node affinity")
const NO_VOLUME = unresolvable("node(s) didn't find available persistent volumes to bind")
const UNBOUND = unresolvable('pod has unbound immediate PersistentVolumeClaims')

/**
 * A Pod waits until its claims are bound, and goes where their volumes can be reached. Claims of a
 * class that waits for its first consumer are bound with it: to volumes that its node can reach, or
 * that can be made there.
 */
export const volumeBinding: FilterPlugin = {
  name: 'VolumeBinding',
  retryOn: ['claim/changed', 'volume/changed', 'storage-class/added', 'node/added', 'node/labels'],
  prefilter({ pod }, cluster) {
    const claims: PersistentVolumeClaim[] = []
    for (const use of claimUses(pod)) {
      const claim = cluster.claim(pod.metadata.namespace ?? '', use.name)
      const refusal = refuseClaim(pod, claim, use, cluster)
      if (refusal) return refusal
      if (claim) claims.push(claim)
    }
    const delayed = claims.filter(({ spec }) => !spec.volumeName)
    const bound = claims
      .map(({ spec }) => cluster.volume(spec.volumeName ?? ''))
      .filter((volume) => volume?.spec.nodeAffinity?.required !== undefined)
    if (bound.length === 0 && delayed.length === 0) return undefined
    return {
      filter({ node }) {
        if (!node) return WRONG_NODE
        if (!bound.every((volume) => volume && isReachable(volume, node))) return WRONG_NODE
        if (delayed.length === 0) return FITS
        return chooseVolumes(delayed, node, cluster) ? FITS : NO_VOLUME
      },
    }
  },
}

function refuseClaim(
  pod: Pod,
  claim: PersistentVolumeClaim | undefined,
  { name, isEphemeral }: ClaimUse,
  cluster: ClusterView,
): Refusal | undefined {
  if (!claim) {
    return isEphemeral
      ? unresolvable(
          `waiting for ephemeral volume controller to create the persistentvolumeclaim "${name}"`,
        )
      : unresolvable(`persistentvolumeclaim "${name}" not found`)
  }
  if (claim.status.phase === 'Lost') {
    return unresolvable(
      `persistentvolumeclaim "${name}" bound to non-existent persistentvolume "${claim.spec.volumeName ?? ''}"`,
    )
  }
  if (claim.metadata.deletionTimestamp !== undefined) {
    return unresolvable(`persistentvolumeclaim "${name}" is being deleted`)
  }
  if (isEphemeral && !isMadeFor(pod, claim)) return unresolvable(notMadeFor(pod, claim))
  if (claim.spec.volumeName || waitsForConsumer(claim, cluster)) return undefined
  return UNBOUND
}
