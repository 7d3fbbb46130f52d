import type { KubeObject, PersistentVolume, PersistentVolumeClaim, Pod } from '@miniplane/api'
import { type Cache, keyOf, type ResourceRef, resources } from '@miniplane/client'
import {
  type Change,
  type Controller,
  type Watch,
  type Work,
  watch,
} from '../manager/controller.js'
import { claimNamesOf } from './pod-claims.js'

const BY_CLAIM = 'claim'

/** A claim that a Pod on a node uses is not deleted before the Pod is. */
export const claimProtectionController: Controller = {
  name: 'pvc-protection-controller',

  start({ informer }) {
    const pods = informer(resources.pods).cache
    pods.addIndex(BY_CLAIM, claimKeysOf)
    const isUsed = async (claim: KubeObject, { client }: Work) => {
      const key = keyOf(claim)
      if (pods.byIndex(BY_CLAIM, key).length > 0) return true
      // The finalizer is gone for good: a cache that lags must not decide it.
      const { namespace = '' } = claim.metadata
      const live = await client.of(resources.pods).list({ namespace })
      return live.items.some((pod) => claimKeysOf(pod).includes(key))
    }
    const ref = resources.persistentVolumeClaims
    const uses = watch(resources.pods, ({ type, object }) =>
      type === 'deleted' ? claimKeysOf(object) : [],
    )
    return protect(ref, 'kubernetes.io/pvc-protection', informer(ref).cache, isUsed, [uses])
  },
}

/** A volume that a claim is bound to is not deleted before the claim lets go of it. */
export const volumeProtectionController: Controller = {
  name: 'pv-protection-controller',

  start({ informer }) {
    const ref = resources.persistentVolumes
    const isBound = async ({ status }: PersistentVolume) => status.phase === 'Bound'
    return protect(ref, 'kubernetes.io/pv-protection', informer(ref).cache, isBound)
  },
}

/** A class of attributes that a volume has or a claim wants is not deleted before they are. */
export const attributesProtectionController: Controller = {
  name: 'volumeattributesclass-protection-controller',

  start({ informer }) {
    const claims = informer(resources.persistentVolumeClaims).cache
    const volumes = informer(resources.persistentVolumes).cache
    const ref = resources.volumeAttributesClasses
    const isUsed = async ({ metadata: { name = '' } }: KubeObject) =>
      volumes.list().some(({ spec }) => spec.volumeAttributesClassName === name) ||
      claims.list().some((claim) => attributesOf(claim).includes(name))
    const letGo = ({ old, object, type }: Change<PersistentVolumeClaim & KubeObject>) =>
      type === 'added' ? [] : attributesOf(old ?? object)
    return protect(ref, 'kubernetes.io/vac-protection', informer(ref).cache, isUsed, [
      watch(resources.persistentVolumeClaims, letGo),
      watch(resources.persistentVolumes, ({ type, object, old }) =>
        type === 'added' ? [] : [(old ?? object).spec.volumeAttributesClassName ?? ''],
      ),
    ])
  },
}

/** The classes a claim wants, has, and is on its way to. */
const attributesOf = ({ spec, status }: PersistentVolumeClaim): string[] =>
  [
    spec.volumeAttributesClassName,
    status.currentVolumeAttributesClassName,
    status.modifyVolumeStatus?.targetVolumeAttributesClassName,
  ].filter((name) => name !== undefined)

/** The finalizer is on every object from the first, and goes when nobody uses a deleted one. */
function protect<T extends KubeObject>(
  ref: ResourceRef<T>,
  finalizer: string,
  cache: Cache<T>,
  isUsed: (object: T, work: Work) => Promise<boolean>,
  others: readonly Watch[] = [],
) {
  return {
    watches: [
      watch(ref, ({ type, object }) => (type === 'deleted' ? [] : [keyOf(object)])),
      ...others,
    ],
    async reconcile(key: string, work: Work) {
      const object = cache.get(key)
      if (object === undefined) return undefined
      const { finalizers = [], deletionTimestamp } = object.metadata
      const isProtected = finalizers.includes(finalizer)
      const isDeleted = deletionTimestamp !== undefined
      // Protected and wanted; or on its way out, when it is too late to protect it.
      if (isProtected !== isDeleted) return undefined
      if (isDeleted && (await isUsed(object, work))) return undefined
      const next = isDeleted
        ? finalizers.filter((each) => each !== finalizer)
        : [...finalizers, finalizer]
      const metadata = { ...object.metadata, finalizers: next }
      await work.client.of(ref).update({ ...object, metadata })
      return undefined
    },
  }
}

/** Kubelets know only Pods with a node: others can't have begun to use what they name. */
const claimKeysOf = (pod: Pod): string[] =>
  pod.spec.nodeName ? claimNamesOf(pod).map((name) => `${pod.metadata.namespace}/${name}`) : []
