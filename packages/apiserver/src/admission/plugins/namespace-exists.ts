import { notFound } from '@miniplane/api'
import type { AdmissionPlugin } from '../admission.js'

/** Of NamespaceLifecycle's rules the first alone, for changes and deletions too. */
export const namespaceExists: AdmissionPlugin = {
  name: 'NamespaceExists',
  handles: (_operation, { namespaced }) => namespaced,
  async validate({ namespace = '', context }) {
    if (namespace === '') return
    const { lister } = context
    if (lister.get('', 'namespaces', undefined, namespace)) return
    if (await lister.getLatest('', 'namespaces', undefined, namespace)) return
    throw notFound({ group: '', resource: 'namespaces' }, namespace)
  },
}
