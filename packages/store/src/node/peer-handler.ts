import type { Membership } from '../membership/membership.js'
import type { PeerHandler } from '../peer/transport.js'
import { MemberPromoteRequest } from '../wire/cluster.js'
import { HashKVRequest, HashKVResponse } from '../wire/maintenance.js'
import { type MemberCluster, PROMOTE_PATH } from './cluster-api.js'
import { HASH_KV_PATH } from './corruption-check.js'
import type { LeaseKeeper } from './lease-keeper.js'
import type { RaftLoop } from './raft-loop.js'
import type { Retirement } from './retirement.js'
import type { StateMachine } from './state-machine.js'
import type { StateTransfer } from './state-transfer.js'

/** The parts of a member that its peers speak to; most are made after its transport. */
export interface PeerParts {
  readonly retirement: Retirement
  readonly loop: () => RaftLoop
  readonly transfer: () => StateTransfer
  readonly membership: () => Membership
  readonly machine: () => StateMachine
  readonly leases: () => LeaseKeeper
  readonly cluster: () => MemberCluster
}

const NOTHING = new Uint8Array(0)

/** Passes what comes from the peers on to the part that it is for. */
export function peerHandler(parts: PeerParts): PeerHandler {
  return {
    process: (message) => parts.loop().step(message),
    reportUnreachable: (id) => parts.loop().reportUnreachable(id),
    reportSnapshot: (id, isDelivered) => {
      parts.transfer().forget(id)
      parts.loop().reportSnapshot(id, isDelivered)
    },
    reportRemoved: () => parts.retirement.begin(),
    isRemoved: (id) => parts.membership().isRemoved(id),
    openSnapshot: (message) => parts.transfer().open(message),
    receiveSnapshot: async (message, chunks) => {
      await parts.transfer().receive(message, chunks)
      parts.loop().step(message)
    },
    call: (path, body) => answer(parts, path, body),
  }
}

async function answer(parts: PeerParts, path: string, body: Uint8Array): Promise<Uint8Array> {
  switch (path) {
    case HASH_KV_PATH: {
      const { revision } = HashKVRequest.decode(body)
      return HashKVResponse.encode(await parts.machine().hashKv(revision))
    }
    case PROMOTE_PATH:
      await parts.cluster().promoteAsLeader(MemberPromoteRequest.decode(body).id)
      return NOTHING
    default:
      return parts.leases().answer(path, body)
  }
}
