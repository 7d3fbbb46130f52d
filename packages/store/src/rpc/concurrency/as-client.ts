import { StoreError } from '../../errors.js'
import type { Service } from '../service.js'
import { StatusError } from '../status.js'

/**
 * etcd's locks and elections are clients of the store's own services, and hand on what they are
 * refused as its mere text: with the code `Unknown`.
 */
export const asClient = (service: Service): Service => ({
  ...service,
  methods: service.methods.map((method) => {
    if (method.kind !== 'unary') return method
    const { handle } = method
    return { ...method, handle: (request, caller) => handle(request, caller).catch(rethrow) }
  }),
})

function rethrow(error: unknown): never {
  if (error instanceof StoreError) throw new StatusError('Unknown', error.message)
  throw error
}
