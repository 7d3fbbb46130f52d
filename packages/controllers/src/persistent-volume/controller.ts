import {
  DEFAULT_STORAGE_CLASS,
  defaultClass,
  isStatusError,
  type KubeObject,
  type Pod,
} from '@miniplane/api'
import { type Cache, keyOf, resources } from '@miniplane/client'
import { type Controller, type Work, watch } from '../manager/controller.js'
import { claimNamesOf } from '../volume-protection/pod-claims.js'
import { awaitVolume, type ClassObject, isDelayed } from './await-volume.js'
import { bind, type ClaimObject, isBound, type VolumeObject } from './bind.js'
import { bestVolume, isReservedFor, mismatch, reservedVolume } from './match.js'
import { fateOf } from './reclaim.js'

const VOLUME = 'volume '
/** How claims named their class before they had a field for it. */
const CLASS_ANNOTATION = 'volume.beta.kubernetes.io/storage-class'

interface Caches {
  readonly volumes: Cache<VolumeObject>
  readonly classes: Cache<ClassObject>
  readonly pods: Cache<Pod & KubeObject>
}

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
    const pods = informer(resources.pods).cache
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
        watch(resources.persistentVolumes, ({ object, old }) => {
          const { name, namespace } = object.spec.claimRef ?? {}
          const isOffered = isAvailable(object) && !(old && isAvailable(old))
          // Whoever reserved the volume leaves the rest to us.
          const reserved = name ? [`${namespace}/${name}`] : []
          const concerned = isOffered ? waiting() : reserved
          return [`${VOLUME}${object.metadata.name}`, ...concerned]
        }),
        // Whom a claim waits for is worth telling.
        watch(resources.pods, ({ type, object }) =>
          type === 'added' ? unboundClaimsOf(object, claims) : [],
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
        if (claim) await syncClaim(claim, { volumes, classes, pods }, work)
        return undefined
      },
    }
  },
}

const unboundClaimsOf = (pod: Pod & KubeObject, claims: Cache<ClaimObject>): string[] =>
  claimNamesOf(pod)
    .map((name) => `${pod.metadata.namespace}/${name}`)
    .filter((key) => {
      const claim = claims.get(key)
      return claim !== undefined && !isBound(claim)
    })

const isAvailable = ({ status }: VolumeObject): boolean => status.phase === 'Available'

async function syncClaim(claim: ClaimObject, caches: Caches, work: Work): Promise<void> {
  const { volumes, classes } = caches
  if (isBound(claim)) return syncBoundClaim(claim, volumes, work)
  if (claim.metadata.deletionTimestamp !== undefined) return
  const { volumeName, storageClassName = '' } = claim.spec
  if (volumeName) return syncRequested(claim, volumes.get(volumeName), work)
  const storageClass = classes.get(storageClassName)
  // The scheduler chooses among the others, when it knows the node.
  const choose = isDelayed(storageClass) ? reservedVolume : bestVolume
  const volume = choose(claim, volumes.list())
  if (volume) return bind(volume, claim, work)
  if (await assignDefaultClass(claim, classes, work)) return
  await awaitVolume(claim, storageClass, caches.pods, work)
}

/**
 * A claim that was made before there was a default class gets it now; its change brings it here again.
 * Source: KEP-3333.
 */
async function assignDefaultClass(
  claim: ClaimObject,
  classes: Cache<ClassObject>,
  { client }: Work,
): Promise<boolean> {
  const { metadata, spec } = claim
  if (spec.storageClassName !== undefined || metadata.annotations?.[CLASS_ANNOTATION] !== undefined)
    return false
  const storageClassName = defaultClass(classes.list(), DEFAULT_STORAGE_CLASS)
  if (storageClassName === undefined) return false
  const assigned = { ...claim, spec: { ...spec, storageClassName } }
  await client.of(resources.persistentVolumeClaims).update(assigned)
  return true
}

/** A claim that names its volume gets that one, or waits for it. */
async function syncRequested(
  claim: ClaimObject,
  volume: VolumeObject | undefined,
  work: Work,
): Promise<void> {
  if (!volume) return
  const { name } = volume.metadata
  const warn = (reason: string, message: string) =>
    work.event(claim, resources.persistentVolumeClaims, { type: 'Warning', reason, message })
  const reference = volume.spec.claimRef
  if (reference === undefined) {
    const problem = mismatch(volume, claim)
    if (problem === undefined) return bind(volume, claim, work)
    return warn('VolumeMismatch', `Cannot bind to requested volume "${name}": ${problem}`)
  }
  if (isReservedFor(volume, claim)) return bind(volume, claim, work)
  warn('FailedBinding', `volume "${name}" already bound to a different claim.`)
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

/** A volume is free, somebody's, or left behind: then its policy says what becomes of it. */
async function syncVolume(
  volume: VolumeObject,
  claims: Cache<ClaimObject>,
  work: Work,
): Promise<void> {
  const phase = phaseOf(volume, claims)
  if (phase === undefined) return
  // What is deleted by mistake is lost: the claim may be too new to have been heard of.
  if (phase === 'Released' && !RECLAIMED.has(volume.status.phase ?? ''))
    if (await isClaimThere(volume, work)) return
  const isFailed = phase === 'Released' && volume.status.phase === 'Failed'
  const current = isFailed ? volume : await writePhase(volume, { phase }, work)
  if (phase === 'Released' && !isFailed) await reclaim(current, work)
}

const RECLAIMED = new Set(['Released', 'Failed'])

async function isClaimThere({ spec }: VolumeObject, { client }: Work): Promise<boolean> {
  const { name = '', namespace = '', uid } = spec.claimRef ?? {}
  try {
    const claim = await client.of(resources.persistentVolumeClaims).get(name, { namespace })
    return claim.metadata.uid === uid
  } catch (error) {
    if (isStatusError(error, 'NotFound')) return false
    throw error
  }
}

async function reclaim(volume: VolumeObject, work: Work): Promise<void> {
  const fate = fateOf(volume)
  const { name = '', uid = '', deletionTimestamp } = volume.metadata
  if (fate === 'keep' || deletionTimestamp) return
  if (fate !== 'delete') {
    const { problem: message } = fate
    await writePhase(volume, { phase: 'Failed', message }, work)
    const details = { type: 'Warning', reason: 'VolumeFailedDelete', message } as const
    return work.event(volume, resources.persistentVolumes, details)
  }
  try {
    await work.client.of(resources.persistentVolumes).delete(name, { preconditions: { uid } })
  } catch (error) {
    if (!isStatusError(error, 'NotFound')) throw error
  }
}

async function writePhase(
  volume: VolumeObject,
  wanted: { readonly phase: string; readonly message?: string },
  { client }: Work,
): Promise<VolumeObject> {
  if (volume.status.phase === wanted.phase) return volume
  const { message: _, ...status } = volume.status
  return client
    .of(resources.persistentVolumes)
    .updateStatus({ ...volume, status: { ...status, ...wanted } })
}

/** Undefined: it is about to be bound. */
function phaseOf({ spec }: VolumeObject, claims: Cache<ClaimObject>): string | undefined {
  const reference = spec.claimRef
  if (!reference?.uid) return 'Available'
  const claim = claims.get(`${reference.namespace}/${reference.name}`)
  return claim?.metadata.uid === reference.uid ? undefined : 'Released'
}
