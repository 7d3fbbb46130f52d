import { isEqual, isStatusError } from '@miniplane/api'
import { resources } from '@miniplane/client'
import { type Controller, watch } from '../manager/controller.js'
import { isNamespaceTerminating } from '../manager/namespace-terminating.js'
import { isActive } from '../service-account/controller.js'

const NAME = 'kube-root-ca.crt'
const DESCRIPTION =
  'Contains a CA bundle that can be used to verify the kube-apiserver when using internal endpoints such as the internal service IP or kubernetes.default.svc. No other usage is guaranteed across distributions of Kubernetes clusters.'

/**
 * Keeps the API server's certificate authority in every namespace, where Pods find it. Without
 * HTTPS there is none; the ConfigMap is there all the same, since Pods mount it.
 */
export const rootCaPublisher: Controller = {
  name: 'root-ca-cert-publisher',

  start(context) {
    const namespaces = context.informer(resources.namespaces).cache
    const configMaps = context.informer(resources.configMaps).cache
    const data = { 'ca.crt': context.rootCertificate ?? '' }
    return {
      watches: [
        watch(resources.namespaces, ({ type, object }) =>
          type === 'deleted' ? [] : [object.metadata.name ?? ''],
        ),
        watch(resources.configMaps, ({ type, object: { metadata } }) =>
          type !== 'added' && metadata.name === NAME ? [metadata.namespace ?? ''] : [],
        ),
      ],
      async reconcile(namespace, { client }) {
        if (!isActive(namespaces.get(namespace))) return undefined
        const existing = configMaps.get(`${namespace}/${NAME}`)
        if (existing && isEqual(existing.data, data)) return undefined
        const annotations = { 'kubernetes.io/description': DESCRIPTION }
        try {
          if (existing) {
            const metadata = {
              ...existing.metadata,
              annotations: { ...existing.metadata.annotations, ...annotations },
            }
            await client.of(resources.configMaps).update({ ...existing, metadata, data })
          } else {
            const metadata = { name: NAME, namespace, annotations }
            await client.of(resources.configMaps).create({ metadata, data })
          }
        } catch (error) {
          if (!isStatusError(error, 'AlreadyExists') && !isNamespaceTerminating(error)) throw error
        }
        return undefined
      },
    }
  },
}
