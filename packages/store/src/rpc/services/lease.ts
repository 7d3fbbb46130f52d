import { StoreError } from '../../errors.js'
import * as wire from '../../wire/lease.js'
import type { EtcdServer } from '../etcd-server.js'
import { ResponseHeaders } from '../response-header.js'
import { bidi, type Service, unary } from '../service.js'

/** Source: etcd, api/v3rpc/lease.go. */
export function leaseService(server: EtcdServer): Service {
  const headers = new ResponseHeaders(server)
  return {
    name: 'etcdserverpb.Lease',
    methods: [
      unary(
        'LeaseGrant',
        wire.LeaseGrantRequest,
        wire.LeaseGrantResponse,
        async (request, caller) => {
          const grant = { ttlSeconds: request.ttl, id: request.id }
          const { header, id, ttlSeconds } = await server.leaseGrant(grant, caller)
          return { header: headers.at(header), id, ttl: ttlSeconds }
        },
      ),
      unary(
        'LeaseRevoke',
        wire.LeaseRevokeRequest,
        wire.LeaseRevokeResponse,
        async ({ id }, caller) => {
          const { header } = await server.leaseRevoke(id, caller)
          return { header: headers.at(header) }
        },
      ),
      bidi('LeaseKeepAlive', wire.LeaseKeepAliveRequest, wire.LeaseKeepAliveResponse, (stream) => {
        let isRenewing = false
        let isHalfClosed = false
        return {
          async receive({ id }) {
            isRenewing = true
            // Before the renewal, so that nobody takes it for later than it was.
            const header = headers.now()
            const ttl = await renew(id, stream.caller)
            stream.send({ header, id, ttl })
            isRenewing = false
            if (isHalfClosed) stream.end()
          },
          halfClose() {
            isHalfClosed = true
            if (!isRenewing) stream.end()
          },
          close() {},
        }
      }),
      unary(
        'LeaseTimeToLive',
        wire.LeaseTimeToLiveRequest,
        wire.LeaseTimeToLiveResponse,
        async ({ id, keys }, caller) => {
          const lease = await server.leaseTimeToLive(id, { keys }, caller)
          return {
            header: headers.at(lease.header),
            id,
            ttl: lease.ttlSeconds,
            grantedTtl: lease.grantedTtlSeconds,
            keys: lease.keys,
          }
        },
      ),
      unary('LeaseLeases', wire.LeaseLeasesRequest, wire.LeaseLeasesResponse, async (_, caller) => {
        const { header, leases } = await server.leaseLeases(caller)
        return { header: headers.at(header), leases: leases.map((id) => ({ id })) }
      }),
    ],
  }

  /** The lease's new TTL; 0 when there is no such lease. */
  async function renew(id: bigint, caller: Parameters<EtcdServer['leaseKeepAlive']>[1]) {
    try {
      return (await server.leaseKeepAlive(id, caller)).ttlSeconds
    } catch (error) {
      if (error instanceof StoreError && error.code === 'LeaseNotFound') return 0
      throw error
    }
  }
}
