import type { AdmissionPlugin } from '../admission.js'

const FINALIZERS: Readonly<Record<string, string>> = {
  persistentvolumeclaims: 'kubernetes.io/pvc-protection',
  persistentvolumes: 'kubernetes.io/pv-protection',
}

/** Storage that somebody uses is not deleted under them. */
export const storageObjectInUseProtection: AdmissionPlugin = {
  name: 'StorageObjectInUseProtection',
  handles: (operation, { group, resource }, subresource) =>
    operation === 'CREATE' && group === '' && !subresource && resource in FINALIZERS,
  admit({ object, definition }) {
    const finalizer = FINALIZERS[definition.resource]
    if (!object || finalizer === undefined) return
    const finalizers = object.metadata.finalizers ?? []
    if (!finalizers.includes(finalizer)) object.metadata.finalizers = [...finalizers, finalizer]
  },
}
