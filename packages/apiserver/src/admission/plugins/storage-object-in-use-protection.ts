import type { AdmissionPlugin } from '../admission.js'

const FINALIZERS: Readonly<Record<string, string>> = {
  '/persistentvolumeclaims': 'kubernetes.io/pvc-protection',
  '/persistentvolumes': 'kubernetes.io/pv-protection',
  'storage.k8s.io/volumeattributesclasses': 'kubernetes.io/vac-protection',
}

const finalizerOf = ({ group, resource }: { group: string; resource: string }) =>
  FINALIZERS[`${group}/${resource}`]

/** Storage that somebody uses is not deleted under them. */
export const storageObjectInUseProtection: AdmissionPlugin = {
  name: 'StorageObjectInUseProtection',
  handles: (operation, definition, subresource) =>
    operation === 'CREATE' && !subresource && finalizerOf(definition) !== undefined,
  admit({ object, definition }) {
    const finalizer = finalizerOf(definition)
    if (!object || finalizer === undefined) return
    const finalizers = object.metadata.finalizers ?? []
    if (!finalizers.includes(finalizer)) object.metadata.finalizers = [...finalizers, finalizer]
  },
}
