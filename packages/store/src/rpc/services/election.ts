import { prefixRange } from '../../client/key-range.js'
import type { Header, KeyValue, RequestOp, TxnResponse } from '../../client/store-client.js'
import * as wire from '../../wire/concurrency.js'
import { asClient } from '../concurrency/as-client.js'
import {
  enqueue,
  firstOf,
  sessionLease,
  stayingOn,
  untilFirst,
  watchOf,
} from '../concurrency/queue.js'
import type { Caller, EtcdServer } from '../etcd-server.js'
import { ResponseHeaders } from '../response-header.js'
import { type RpcCaller, type Service, serverStream, unary } from '../service.js'
import { StatusError } from '../status.js'

/** Source: etcd, api/v3election and client/v3/concurrency/election.go. */
export function electionService(server: EtcdServer): Service {
  const headers = new ResponseHeaders(server)
  const election = new Election(server)
  return asClient({
    name: 'v3electionpb.Election',
    methods: [
      unary('Campaign', wire.CampaignRequest, wire.CampaignResponse, async (request, caller) => {
        const { header, leader } = await election.campaign(request, caller)
        return { header: headers.at(header), leader }
      }),
      unary('Proclaim', wire.ProclaimRequest, wire.ProclaimResponse, async (request, caller) => {
        const header = await election.proclaim(given(request.leader), request.value, caller)
        return { header: headers.at(header) }
      }),
      unary('Leader', wire.LeaderRequest, wire.LeaderResponse, async ({ name }, caller) => {
        const { header, kvs } = await server.range(firstOf(`${name}/`), caller)
        const [kv] = kvs
        if (kv === undefined) throw new StatusError('Unknown', 'election: no leader')
        return { header: headers.at(header), kv }
      }),
      serverStream(
        'Observe',
        wire.LeaderRequest,
        wire.LeaderResponse,
        async function* ({ name }, caller) {
          for await (const { header, kv } of election.observe(`${name}/`, caller)) {
            yield { header: headers.at(header), kv }
          }
        },
      ),
      unary('Resign', wire.ResignRequest, wire.ResignResponse, async ({ leader }, caller) => {
        const { header } = await election.resign(given(leader), caller)
        return { header: headers.at(header) }
      }),
    ],
  })
}

function given(leader: wire.LeaderKey | undefined): wire.LeaderKey {
  if (leader === undefined) throw new StatusError('Unknown', '"leader" field must be provided')
  return leader
}

interface Leader {
  readonly header: Header
  readonly kv: KeyValue
}

class Election {
  readonly #server: EtcdServer

  constructor(server: EtcdServer) {
    this.#server = server
  }

  /** Resolves when the lease leads. */
  async campaign(
    request: { readonly name: string; readonly lease: bigint; readonly value: Uint8Array },
    caller: Caller,
  ): Promise<{ readonly header: Header; readonly leader: wire.LeaderKey }> {
    const { name, value } = request
    const lease = await sessionLease(this.#server, request.lease, caller)
    const prefix = `${name}/`
    const place = await enqueue(this.#server, prefix, { lease, value }, caller)
    const leader = { name, key: place.key, rev: place.revision, lease }
    try {
      if (place.existing !== undefined && !isEqual(place.existing.value, value)) {
        await this.proclaim(leader, value, caller)
      }
      if (!place.isFirst) await untilFirst(this.#server, prefix, place.revision, caller)
    } catch (error) {
      await this.resign(leader, stayingOn(caller))
      throw error
    }
    return { header: place.header, leader }
  }

  async proclaim(leader: wire.LeaderKey, value: Uint8Array, caller: Caller): Promise<Header> {
    const { key, lease } = leader
    const put = { type: 'put', key, value, lease } as const
    const { header, succeeded } = await this.#ifLeading(leader, put, caller)
    if (!succeeded) throw new StatusError('Unknown', 'election: not leader')
    return header
  }

  resign(leader: wire.LeaderKey, caller: Caller): Promise<TxnResponse> {
    return this.#ifLeading(leader, { type: 'deleteRange', key: leader.key }, caller)
  }

  #ifLeading({ key, rev }: wire.LeaderKey, op: RequestOp, caller: Caller): Promise<TxnResponse> {
    const compare = [{ key, target: 'create', op: '=', operand: rev }] as const
    return this.#server.txn({ compare, success: [op] }, caller)
  }

  /** Every leader, and everything that it proclaims. */
  async *observe(prefix: string, caller: RpcCaller): AsyncGenerator<Leader> {
    for (;;) {
      const leader = await this.#nextLeader(prefix, caller)
      if (leader === undefined) return
      yield leader
      const startRevision = leader.header.revision + 1
      const { key } = leader.kv
      let hasGone = false
      for await (const item of watchOf(this.#server, { key }, { startRevision }, caller)) {
        if ('compactRevision' in item) return
        for (const { type, kv } of item.events) {
          if (type === 'delete') hasGone = true
          else yield { header: item, kv }
        }
        if (hasGone) break
      }
      if (!hasGone) return
    }
  }

  /** Who leads; when nobody does, who is the next to. */
  async #nextLeader(prefix: string, caller: RpcCaller): Promise<Leader | undefined> {
    const { header, kvs } = await this.#server.range(firstOf(prefix), caller)
    if (kvs[0] !== undefined) return { header, kv: kvs[0] }
    const startRevision = header.revision
    const changes = watchOf(this.#server, prefixRange(prefix), { startRevision }, caller)
    for await (const item of changes) {
      if ('compactRevision' in item) return undefined
      const put = item.events.find(({ type }) => type === 'put')
      if (put !== undefined) return { header: { revision: put.kv.modRevision }, kv: put.kv }
    }
    return undefined
  }
}

const isEqual = (a: Uint8Array, b: Uint8Array): boolean => Buffer.compare(a, b) === 0
