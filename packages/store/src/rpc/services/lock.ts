import * as wire from '../../wire/concurrency.js'
import { asClient } from '../concurrency/as-client.js'
import { enqueue, sessionLease, stayingOn, untilFirst } from '../concurrency/queue.js'
import type { EtcdServer } from '../etcd-server.js'
import { ResponseHeaders } from '../response-header.js'
import { type Service, unary } from '../service.js'
import { StatusError } from '../status.js'

const NO_VALUE = new Uint8Array(0)

/** Source: etcd, api/v3lock. */
export function lockService(server: EtcdServer): Service {
  const headers = new ResponseHeaders(server)
  return asClient({
    name: 'v3lockpb.Lock',
    methods: [
      unary('Lock', wire.LockRequest, wire.LockResponse, async (request, caller) => {
        const lease = await sessionLease(server, request.lease, caller)
        const prefix = `${request.name}/`
        const { key, revision, header, isFirst } = await enqueue(
          server,
          prefix,
          { lease, value: NO_VALUE },
          caller,
        )
        if (isFirst) return { header: headers.at(header), key }
        try {
          await untilFirst(server, prefix, revision, caller)
          const held = await server.range({ key }, caller)
          if (held.count > 0) return { header: headers.at(held.header), key }
        } catch (error) {
          await server.deleteRange({ key }, stayingOn(caller))
          throw error
        }
        // The lease ended while it waited.
        throw new StatusError('Unknown', 'mutex: session is expired')
      }),
      unary('Unlock', wire.UnlockRequest, wire.UnlockResponse, async ({ key }, caller) => {
        const { header } = await server.deleteRange({ key }, caller)
        return { header: headers.at(header) }
      }),
    ],
  })
}
