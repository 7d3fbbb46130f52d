import { isStatusError } from '@miniplane/api'
import type { Resources } from '../resources.js'
import type { Companions } from '../strategy.js'
import type { WriteContext } from '../write-context.js'
import { createObject, type RegistryServices } from './create.js'
import { deleteObject } from './delete.js'
import { SERVER } from './write-status.js'

/** Carries out `StrategyContext.companions` for the request of `context`. */
export function companionsOf(
  services: RegistryServices & { readonly resources: Resources },
  context: WriteContext,
): Companions {
  const onOwnAccount = (namespace: string | undefined): WriteContext => ({
    ...context,
    namespace,
    subresource: '',
    options: {},
    manager: SERVER,
  })
  return {
    async create(group, resource, object) {
      const found = await services.resources.readyNamed(group, resource)
      if (!found) return false
      try {
        const write = onOwnAccount(object.metadata.namespace)
        await createObject(services, found, () => structuredClone(object), write)
        return true
      } catch (error) {
        if (isStatusError(error, 'AlreadyExists')) return false
        throw error
      }
    },
    async remove(group, resource, namespace, name) {
      const found = await services.resources.readyNamed(group, resource)
      if (!found) return
      try {
        await deleteObject(services, found, name, {}, onOwnAccount(namespace))
      } catch (error) {
        if (!isStatusError(error, 'NotFound')) throw error
      }
    },
  }
}
