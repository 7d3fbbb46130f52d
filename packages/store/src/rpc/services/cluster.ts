import * as wire from '../../wire/cluster.js'
import type { EtcdServer, MembersAnswer } from '../etcd-server.js'
import { ResponseHeaders } from '../response-header.js'
import { type Service, unary } from '../service.js'

/** Headers name no revision here. Source: etcd, api/v3rpc/member.go. */
export function clusterService(server: EtcdServer): Service {
  const headers = new ResponseHeaders(server)
  const { cluster } = server
  const answer = ({ members }: MembersAnswer) => ({ header: headers.ofMember(), members })
  return {
    name: 'etcdserverpb.Cluster',
    methods: [
      unary(
        'MemberAdd',
        wire.MemberAddRequest,
        wire.MemberAddResponse,
        async ({ peerUrls, isLearner }, caller) => {
          const added = await cluster.memberAdd(peerUrls, isLearner, caller)
          return { ...answer(added), member: added.member }
        },
      ),
      unary(
        'MemberRemove',
        wire.MemberRemoveRequest,
        wire.MemberRemoveResponse,
        async ({ id }, caller) => answer(await cluster.memberRemove(id, caller)),
      ),
      unary(
        'MemberUpdate',
        wire.MemberUpdateRequest,
        wire.MemberUpdateResponse,
        async ({ id, peerUrls }, caller) =>
          answer(await cluster.memberUpdate(id, peerUrls, caller)),
      ),
      unary(
        'MemberList',
        wire.MemberListRequest,
        wire.MemberListResponse,
        async ({ linearizable }, caller) => answer(await cluster.memberList(linearizable, caller)),
      ),
      unary(
        'MemberPromote',
        wire.MemberPromoteRequest,
        wire.MemberPromoteResponse,
        async ({ id }, caller) => answer(await cluster.memberPromote(id, caller)),
      ),
    ],
  }
}
