import { controllerOf, type KubeObject } from '@miniplane/api'
import type { Cache } from '@miniplane/client'

const BY_CONTROLLER = 'controller-uid'
const ORPHANS = 'orphans-in-namespace'

/** Makes `controlledBy` and `orphansIn` answer without a walk through the whole cache. */
export function indexByController<T extends KubeObject>(cache: Cache<T>): void {
  cache.addIndex(BY_CONTROLLER, (object) => {
    const owner = controllerOf(object)
    return owner === undefined ? [] : [owner.uid]
  })
  cache.addIndex(ORPHANS, (object) =>
    controllerOf(object) === undefined ? [object.metadata.namespace ?? ''] : [],
  )
}

/** The objects whose controller has this uid; needs `indexByController`. */
export const controlledBy = <T extends KubeObject>(cache: Cache<T>, uid: string): T[] =>
  cache.byIndex(BY_CONTROLLER, uid)

/** The objects of a namespace without a controller; needs `indexByController`. */
export const orphansIn = <T extends KubeObject>(cache: Cache<T>, namespace: string): T[] =>
  cache.byIndex(ORPHANS, namespace)
