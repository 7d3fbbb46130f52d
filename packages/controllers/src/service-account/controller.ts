import { isStatusError, type KubeObject, type Namespace } from '@miniplane/api'
import { resources } from '@miniplane/client'
import { type Controller, watch } from '../manager/controller.js'
import { isNamespaceTerminating } from '../manager/namespace-terminating.js'

/** The account of every Pod that names none. */
const DEFAULT_NAME = 'default'

/** Keeps a ServiceAccount `default` in every namespace that is not going away. */
export const serviceAccountController: Controller = {
  name: 'service-account-controller',

  start(context) {
    const namespaces = context.informer(resources.namespaces).cache
    const accounts = context.informer(resources.serviceAccounts).cache
    return {
      watches: [
        watch(resources.namespaces, ({ type, object }) =>
          type === 'deleted' ? [] : [object.metadata.name ?? ''],
        ),
        watch(resources.serviceAccounts, ({ type, object: { metadata } }) =>
          type === 'deleted' && metadata.name === DEFAULT_NAME ? [metadata.namespace ?? ''] : [],
        ),
      ],
      async reconcile(name, { client }) {
        if (!isActive(namespaces.get(name))) return undefined
        if (accounts.get(`${name}/${DEFAULT_NAME}`)) return undefined
        const account = { metadata: { name: DEFAULT_NAME, namespace: name } }
        try {
          await client.of(resources.serviceAccounts).create(account)
        } catch (error) {
          if (!isStatusError(error, 'AlreadyExists') && !isNamespaceTerminating(error)) throw error
        }
        return undefined
      },
    }
  },
}

/** Whether things may still be put into it. */
export const isActive = (namespace: (Namespace & KubeObject) | undefined): boolean =>
  namespace !== undefined && namespace.metadata.deletionTimestamp === undefined
