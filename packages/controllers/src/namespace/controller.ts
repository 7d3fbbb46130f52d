import { isStatusError, type KubeObject, type Namespace, semanticEqual } from '@miniplane/api'
import { type Client, resources } from '@miniplane/client'
import { type Controller, giveUp, watch } from '../manager/controller.js'
import { updateStatus } from '../manager/update-status.js'
import { deletionConditions } from './conditions.js'
import { emptyOut } from './empty-out.js'

type NamespaceObject = Namespace & KubeObject

/** The server keeps a namespace until this is taken off `spec.finalizers`. */
const FINALIZER = 'kubernetes'

/** Empties namespaces that are going away, then lets them go. */
export const namespaceController: Controller = {
  name: 'namespace-controller',

  start({ informer, everyResource, queue, clock }) {
    const namespaces = informer(resources.namespaces).cache
    /** Whether something has to be done for a namespace whose content changes. */
    const isLeaving = (name: string) =>
      namespaces.get(name)?.metadata.deletionTimestamp !== undefined

    return {
      watches: [
        watch(resources.namespaces, ({ type, object: { metadata } }) =>
          type !== 'deleted' && metadata.deletionTimestamp !== undefined
            ? [metadata.name ?? '']
            : [],
        ),
      ],
      synced: () =>
        everyResource.follow(({ resource, informer }) => {
          if (!resource.namespaced) return
          informer.addHandler({
            onDelete({ metadata: { namespace = '' } }) {
              if (isLeaving(namespace)) queue.add(namespace)
            },
          })
        }),
      async reconcile(name, { client }) {
        const namespace = namespaces.get(name)
        if (namespace?.metadata.deletionTimestamp === undefined) return undefined
        if (!namespace.spec.finalizers?.includes(FINALIZER)) return undefined
        const progress = await emptyOut(name, everyResource.all, client)
        const conditions = deletionConditions(
          namespace.status.conditions ?? [],
          progress,
          clock.now(),
        )
        const current = await writeConditions(namespace, conditions, client)
        const [error] = progress.errors
        if (error !== undefined) throw error
        if (progress.remaining.some(({ count }) => count > 0)) {
          return giveUp('waits for what is still there')
        }
        await finalize(current, client)
        return undefined
      },
    }
  },
}

async function writeConditions(
  namespace: NamespaceObject,
  conditions: NonNullable<Namespace['status']['conditions']>,
  client: Client,
): Promise<NamespaceObject> {
  if (semanticEqual(namespace.status.conditions, conditions)) return namespace
  return updateStatus(client.of(resources.namespaces), namespace, (latest) => ({
    ...latest,
    status: { ...latest.status, conditions },
  }))
}

async function finalize(namespace: NamespaceObject, client: Client): Promise<void> {
  const finalizers = namespace.spec.finalizers?.filter((each) => each !== FINALIZER) ?? []
  const path = `/api/v1/namespaces/${namespace.metadata.name}/finalize`
  const body = { ...namespace, kind: 'Namespace', apiVersion: 'v1', spec: { finalizers } }
  try {
    await client.request({ method: 'PUT', path, body })
  } catch (error) {
    if (!isStatusError(error, 'NotFound')) throw error
  }
}
