import type { PersistentVolumeClaim, Pod } from '@miniplane/api'
import type { ClusterView } from '../snapshot/cluster-view.js'

/** A claim that a Pod names, or that is made for it. */
export interface ClaimUse {
  readonly name: string
  /** The Pod's own, made from the volume by a controller. */
  readonly isEphemeral: boolean
}

export function claimUses(pod: Pod): ClaimUse[] {
  return (pod.spec.volumes ?? []).flatMap<ClaimUse>((volume) => {
    const { name, persistentVolumeClaim, ephemeral } = volume
    if (persistentVolumeClaim)
      return [{ name: persistentVolumeClaim.claimName, isEphemeral: false }]
    return ephemeral ? [{ name: `${pod.metadata.name}-${name}`, isEphemeral: true }] : []
  })
}

const BIND_COMPLETED = 'pv.kubernetes.io/bind-completed'

export const isClaimBound = ({ spec, metadata }: PersistentVolumeClaim): boolean =>
  Boolean(spec.volumeName) && metadata.annotations?.[BIND_COMPLETED] !== undefined

/** Whether the claim gets its volume only when a Pod that uses it has a node. */
export function waitsForConsumer(claim: PersistentVolumeClaim, cluster: ClusterView): boolean {
  const storageClass = cluster.storageClass(claim.spec.storageClassName ?? '')
  return storageClass?.volumeBindingMode === 'WaitForFirstConsumer'
}

/** Those claims of a Pod that are bound together with it. */
export function delayedClaims(pod: Pod, cluster: ClusterView): PersistentVolumeClaim[] {
  return claimUses(pod)
    .map(({ name }) => cluster.claim(pod.metadata.namespace ?? '', name))
    .filter((claim) => claim !== undefined)
    .filter((claim) => !claim.spec.volumeName && waitsForConsumer(claim, cluster))
}
