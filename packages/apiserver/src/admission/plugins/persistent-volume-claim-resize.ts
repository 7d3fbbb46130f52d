import { type PersistentVolumeClaim, parseQuantity, type StorageClass } from '@miniplane/api'
import type { AdmissionPlugin, AdmissionRequest } from '../admission.js'
import { objectAs, only, refuse } from './request-kinds.js'

/** A claim grows only where something can make its volume grow. */
export const persistentVolumeClaimResize: AdmissionPlugin = {
  name: 'PersistentVolumeClaimResize',
  handles: only('', 'persistentvolumeclaims', 'UPDATE'),
  validate(request) {
    const draft = objectAs<PersistentVolumeClaim>(request)
    const stored = request.oldObject as unknown as PersistentVolumeClaim | undefined
    if (!stored || sizeOf(draft).compare(sizeOf(stored)) <= 0) return
    if (stored.status.phase !== 'Bound') {
      throw refuse(request, 'Only bound persistent volume claims can be expanded')
    }
    if (canGrow(request, draft, stored)) return
    throw refuse(
      request,
      'only dynamically provisioned pvc can be resized and the storageclass that provisions the pvc must support resize',
    )
  },
}

const sizeOf = ({ spec }: PersistentVolumeClaim) =>
  parseQuantity(spec.resources?.requests?.storage ?? '0')

const BETA_CLASS = 'volume.beta.kubernetes.io/storage-class'
const classOf = ({ metadata, spec }: PersistentVolumeClaim) =>
  metadata.annotations?.[BETA_CLASS] ?? spec.storageClassName ?? ''

function canGrow(
  { context }: AdmissionRequest,
  draft: PersistentVolumeClaim,
  stored: PersistentVolumeClaim,
): boolean {
  const name = classOf(draft)
  if (name === '' || name !== classOf(stored)) return false
  const found = context.lister.get('storage.k8s.io', 'storageclasses', undefined, name)
  return (found as unknown as StorageClass | undefined)?.allowVolumeExpansion === true
}
