import type { Node, PersistentVolumeClaim, Pod } from '@miniplane/api'
import { type Cache, type Client, objectReference, resources } from '@miniplane/client'
import type { ClaimObject, VolumeObject } from '../../persistent-volume/bind.js'
import type { ClusterView } from '../snapshot/cluster-view.js'
import { AssumedObjects } from './assumed-objects.js'
import { chooseVolumes, SELECTED_NODE } from './choose-volumes.js'
import { claimUses, delayedClaims, isClaimBound } from './pod-claims.js'

/** What has to be written so that the claims of one Pod get their volumes. */
export interface VolumeWrites {
  readonly volumes: readonly VolumeObject[]
  readonly claims: readonly ClaimObject[]
}

const BOUND_BY_US = 'pv.kubernetes.io/bound-by-controller'

/**
 * Gives volumes to claims that waited for their Pod to have a node: reserves a volume that is there,
 * or tells a provisioner the node. The rest is done by the controller of volumes.
 */
export class VolumeBinder {
  readonly volumes: AssumedObjects<VolumeObject>
  readonly claims: AssumedObjects<ClaimObject>
  readonly #claimCache: Cache<ClaimObject>

  constructor(volumes: Cache<VolumeObject>, claims: Cache<ClaimObject>) {
    this.volumes = new AssumedObjects(volumes)
    this.claims = new AssumedObjects(claims)
    this.#claimCache = claims
  }

  /** Whether every claim has its volume, as far as the API has told. */
  isBound(pod: Pod): boolean {
    return claimUses(pod).every(({ name }) => {
      const claim = this.#claimCache.get(`${pod.metadata.namespace}/${name}`)
      return claim !== undefined && isClaimBound(claim)
    })
  }

  /** From now on nobody else is given these volumes. Undefined: there is nothing to write. */
  assume(pod: Pod, node: Node, cluster: ClusterView): VolumeWrites | undefined {
    const delayed = delayedClaims(pod, cluster)
    if (delayed.length === 0) return undefined
    const choice = chooseVolumes(delayed, node, cluster)
    if (!choice) throw new Error(`node ${node.metadata.name} has no volumes for the pod any more`)
    const volumes = choice.bind
      .filter(({ claim, volume }) => volume.spec.claimRef?.uid !== claim.metadata.uid)
      .map(({ claim, volume }) => reserved(volume as VolumeObject, claim))
    const claims = choice.provision
      .filter(({ metadata }) => metadata.annotations?.[SELECTED_NODE] === undefined)
      .map((claim) => sentTo(claim as ClaimObject, node.metadata.name ?? ''))
    for (const volume of volumes) this.volumes.assume(volume)
    for (const claim of claims) this.claims.assume(claim)
    return { volumes, claims }
  }

  async write({ volumes, claims }: VolumeWrites, client: Client): Promise<void> {
    for (const volume of volumes) await client.of(resources.persistentVolumes).update(volume)
    for (const claim of claims) await client.of(resources.persistentVolumeClaims).update(claim)
  }

  forget({ volumes, claims }: VolumeWrites): void {
    for (const volume of volumes) this.volumes.forget(volume)
    for (const claim of claims) this.claims.forget(claim)
  }
}

/** A volume that its owner had reserved is not the scheduler's to give to somebody else later. */
function reserved(volume: VolumeObject, claim: PersistentVolumeClaim): VolumeObject {
  const { metadata, spec } = volume
  const identified = { ...claim, kind: 'PersistentVolumeClaim', apiVersion: 'v1' }
  const annotations = spec.claimRef
    ? metadata.annotations
    : { ...metadata.annotations, [BOUND_BY_US]: 'yes' }
  return {
    ...volume,
    metadata: { ...metadata, ...(annotations && { annotations }) },
    spec: { ...spec, claimRef: { ...spec.claimRef, ...objectReference(identified) } },
  }
}

const sentTo = (claim: ClaimObject, node: string): ClaimObject => ({
  ...claim,
  metadata: {
    ...claim.metadata,
    annotations: { ...claim.metadata.annotations, [SELECTED_NODE]: node },
  },
})
