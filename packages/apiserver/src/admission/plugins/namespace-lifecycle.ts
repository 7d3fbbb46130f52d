import { forbidden, type Namespace, notFound } from '@miniplane/api'
import type { AdmissionPlugin, AdmissionRequest } from '../admission.js'
import { refuse } from './request-kinds.js'

const IMMORTAL = new Set(['default', 'kube-system', 'kube-public'])

/** Nothing is made in a namespace that is not there or ending, and some namespaces never end. */
export const namespaceLifecycle: AdmissionPlugin = {
  name: 'NamespaceLifecycle',
  handles(operation, { group, resource, namespaced }, subresource) {
    if (operation === 'DELETE') return group === '' && resource === 'namespaces' && !subresource
    // Asking what one may do in a namespace makes nothing in it.
    return operation === 'CREATE' && namespaced && group !== 'authorization.k8s.io'
  },
  admit(request): void | Promise<void> {
    const { operation, name, namespace = '', context } = request
    if (operation === 'DELETE') {
      if (IMMORTAL.has(name)) throw refuse(request, 'this namespace may not be deleted')
      return
    }
    const cached = context.lister.get('', 'namespaces', undefined, namespace)
    if (cached !== undefined) return assertOpen(request, cached as Namespace)
    return assertThere(request, namespace)
  },
}

/** Made just now, it may not be in the cache yet. */
async function assertThere(request: AdmissionRequest, namespace: string): Promise<void> {
  const home = await request.context.lister.getLatest('', 'namespaces', undefined, namespace)
  if (home === undefined) throw notFound({ group: '', resource: 'namespaces' }, namespace)
  assertOpen(request, home as Namespace)
}

function assertOpen({ definition, name, namespace }: AdmissionRequest, home: Namespace): void {
  if (home.status.phase !== 'Terminating') return
  const message = `unable to create new content in namespace ${namespace} because it is being terminated`
  throw forbidden(definition, name, message, [
    {
      reason: 'NamespaceTerminating',
      message: `namespace ${namespace} is being terminated`,
      field: 'metadata.namespace',
    },
  ])
}
