import type { KubeObject, StorageClass } from '@miniplane/api'
import { type Cache, keyOf, resources } from '@miniplane/client'
import { type Controller, type Work, watch } from '../manager/controller.js'
import { bind, type ClaimObject, isBound, type VolumeObject } from './bind.js'
import { bestVolume } from './match.js'

type ClassObject = StorageClass & KubeObject

const VOLUME = 'volume '

/** Gives claims the volumes that there are. It makes none: that is a provisioner's work. */
export const persistentVolumeController: Controller = {
  name: 'persistentvolume-controller',
  serviceAccount: 'persistent-volume-binder',
  // Two claims must not be given the same volume.
  workers: 1,

  start({ informer }) {
    const claims = informer(resources.persistentVolumeClaims).cache
    const volumes = informer(resources.persistentVolumes).cache
    const classes = informer(resources.storageClasses).cache
    const waiting = () =>
      claims
        .list()
        .filter((claim) => !isBound(claim))
        .map(keyOf)

    return {
      watches: [
        watch(resources.persistentVolumeClaims, ({ type, object }) => {
          const { volumeName } = object.spec
          const keys = volumeName ? [`${VOLUME}${volumeName}`] : []
          return type === 'deleted' ? keys : [keyOf(object), ...keys]
        }),
        watch(resources.persistentVolumes, ({ type, object }) =>
          type === 'updated'
            ? [`${VOLUME}${object.metadata.name}`]
            : [`${VOLUME}${object.metadata.name}`, ...waiting()],
        ),
        watch(resources.storageClasses, ({ type }) => (type === 'deleted' ? [] : waiting())),
      ],
      async reconcile(key, work) {
        if (key.startsWith(VOLUME)) {
          const volume = volumes.get(key.slice(VOLUME.length))
          if (volume) await syncVolume(volume, claims, work)
          return undefined
        }
        const claim = claims.get(key)
        if (claim) await syncClaim(claim, volumes, classes, work)
        return undefined
      },
    }
  },
}

async function syncClaim(
  claim: ClaimObject,
  volumes: Cache<VolumeObject>,
  classes: Cache<ClassObject>,
  work: Work,
): Promise<void> {
  if (isBound(claim)) return syncBoundClaim(claim, volumes, work)
  if (claim.metadata.deletionTimestamp !== undefined) return
  const { volumeName } = claim.spec
  const volume = volumeName ? volumes.get(volumeName) : bestVolume(claim, volumes.list())
  const owner = volume?.spec.claimRef?.uid
  if (volume && (owner === undefined || owner === '' || owner === claim.metadata.uid)) {
    return bind(volume, claim, work)
  }
  if (volumeName === undefined || volumeName === '') reportWaiting(claim, classes, work)
}

/** Finishes what was interrupted, and tells of a volume that is lost. */
async function syncBoundClaim(
  claim: ClaimObject,
  volumes: Cache<VolumeObject>,
  work: Work,
): Promise<void> {
  const volume = volumes.get(claim.spec.volumeName ?? '')
  if (volume) {
    if (claim.status.phase !== 'Bound') await bind(volume, claim, work)
    return
  }
  if (claim.status.phase === 'Lost') return
  const status = { ...claim.status, phase: 'Lost' }
  await work.client.of(resources.persistentVolumeClaims).updateStatus({ ...claim, status })
  const message = 'Bound claim has lost its PersistentVolume. Data on the volume is lost!'
  const details = { type: 'Warning', reason: 'ClaimLost', message } as const
  work.event(claim, resources.persistentVolumeClaims, details)
}

function reportWaiting(claim: ClaimObject, classes: Cache<ClassObject>, work: Work): void {
  const { storageClassName = '' } = claim.spec
  const storageClass = classes.get(storageClassName)
  const [type, reason, message] = whyWaiting(storageClassName, storageClass)
  work.event(claim, resources.persistentVolumeClaims, { type, reason, message })
}

function whyWaiting(
  name: string,
  storageClass: ClassObject | undefined,
): ['Normal' | 'Warning', reason: string, message: string] {
  if (name === '') {
    const text = 'no persistent volumes available for this claim and no storage class is set'
    return ['Normal', 'FailedBinding', text]
  }
  if (storageClass === undefined) {
    return ['Warning', 'ProvisioningFailed', `storageclass.storage.k8s.io "${name}" not found`]
  }
  if (storageClass.volumeBindingMode === 'WaitForFirstConsumer') {
    const text = 'waiting for first consumer to be created before binding'
    return ['Normal', 'WaitForFirstConsumer', text]
  }
  const text = `Waiting for a volume to be created either by the external provisioner '${storageClass.provisioner}' or manually by the system administrator. If volume creation is delayed, please verify that the provisioner is running and correctly registered.`
  return ['Normal', 'ExternalProvisioning', text]
}

/** A volume is free, somebody's, or left behind; what was in it stays there. */
async function syncVolume(
  volume: VolumeObject,
  claims: Cache<ClaimObject>,
  work: Work,
): Promise<void> {
  const phase = phaseOf(volume, claims)
  if (phase === undefined || volume.status.phase === phase) return
  const status = { ...volume.status, phase }
  await work.client.of(resources.persistentVolumes).updateStatus({ ...volume, status })
}

/** Undefined: it is about to be bound. */
function phaseOf({ spec }: VolumeObject, claims: Cache<ClaimObject>): string | undefined {
  const reference = spec.claimRef
  if (!reference?.uid) return 'Available'
  const claim = claims.get(`${reference.namespace}/${reference.name}`)
  return claim?.metadata.uid === reference.uid ? undefined : 'Released'
}
