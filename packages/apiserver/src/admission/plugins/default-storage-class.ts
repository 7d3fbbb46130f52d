import {
  DEFAULT_STORAGE_CLASS,
  defaultClass,
  type KubeObject,
  type PersistentVolumeClaim,
} from '@miniplane/api'
import type { AdmissionPlugin } from '../admission.js'
import { objectAs, only } from './request-kinds.js'

const CLASS_ANNOTATION = 'volume.beta.kubernetes.io/storage-class'

/** A claim that names no class gets the default one; an empty name means none at all. */
export const defaultStorageClass: AdmissionPlugin = {
  name: 'DefaultStorageClass',
  handles: only('', 'persistentvolumeclaims', 'CREATE'),
  admit(request) {
    const { spec, metadata } = objectAs<PersistentVolumeClaim>(request)
    if (spec.storageClassName !== undefined) return
    if (metadata.annotations?.[CLASS_ANNOTATION] !== undefined) return
    const classes = request.context.lister.list('storage.k8s.io', 'storageclasses')
    const name = defaultClass(classes as Iterable<KubeObject>, DEFAULT_STORAGE_CLASS)
    if (name !== undefined) spec.storageClassName = name
  },
}
