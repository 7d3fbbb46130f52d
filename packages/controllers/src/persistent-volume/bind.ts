import {
  type KubeObject,
  type PersistentVolume,
  type PersistentVolumeClaim,
  semanticEqual,
} from '@miniplane/api'
import { objectReference, resources } from '@miniplane/client'
import type { Work } from '../manager/controller.js'

export type VolumeObject = PersistentVolume & KubeObject
export type ClaimObject = PersistentVolumeClaim & KubeObject

const BOUND_BY_US = 'pv.kubernetes.io/bound-by-controller'
const BIND_COMPLETED = 'pv.kubernetes.io/bind-completed'

/**
 * Ties the two together, the volume first: whoever finds a half-done binding there can finish it.
 * Each step is left out when it is done already.
 */
export async function bind(volume: VolumeObject, claim: ClaimObject, work: Work): Promise<void> {
  const volumes = work.client.of(resources.persistentVolumes)
  const claims = work.client.of(resources.persistentVolumeClaims)
  let boundVolume = volume
  if (volume.spec.claimRef?.uid !== claim.metadata.uid) {
    boundVolume = await volumes.update(withClaim(volume, claim))
  }
  if (boundVolume.status.phase !== 'Bound') {
    const status = { ...boundVolume.status, phase: 'Bound' }
    boundVolume = await volumes.updateStatus({ ...boundVolume, status })
  }
  let boundClaim = claim
  if (!isComplete(claim, volume)) boundClaim = await claims.update(withVolume(claim, volume))
  const status = {
    ...boundClaim.status,
    phase: 'Bound',
    accessModes: volume.spec.accessModes ?? [],
    capacity: volume.spec.capacity ?? {},
  }
  if (!semanticEqual(boundClaim.status, status)) {
    await claims.updateStatus({ ...boundClaim, status })
  }
}

function withClaim(volume: VolumeObject, claim: ClaimObject): VolumeObject {
  const { metadata, spec } = volume
  const reference = objectReference({
    ...claim,
    kind: 'PersistentVolumeClaim',
    apiVersion: 'v1',
  })
  // What a user reserved is not ours to give to somebody else later.
  const annotations = spec.claimRef
    ? metadata.annotations
    : marked(metadata.annotations, BOUND_BY_US)
  return {
    ...volume,
    metadata: { ...metadata, ...(annotations ? { annotations } : {}) },
    spec: { ...spec, claimRef: { ...spec.claimRef, ...reference } },
  }
}

const isComplete = ({ spec, metadata }: ClaimObject, volume: VolumeObject): boolean =>
  spec.volumeName === volume.metadata.name && metadata.annotations?.[BIND_COMPLETED] !== undefined

function withVolume(claim: ClaimObject, volume: VolumeObject): ClaimObject {
  const { metadata, spec } = claim
  const byUs = spec.volumeName ? metadata.annotations : marked(metadata.annotations, BOUND_BY_US)
  return {
    ...claim,
    metadata: { ...metadata, annotations: marked(byUs, BIND_COMPLETED) },
    spec: { ...spec, volumeName: volume.metadata.name ?? '' },
  }
}

const marked = (annotations: Record<string, string> | undefined, name: string) => ({
  ...annotations,
  [name]: 'yes',
})

export const isBound = ({ metadata }: ClaimObject): boolean =>
  metadata.annotations?.[BIND_COMPLETED] !== undefined
