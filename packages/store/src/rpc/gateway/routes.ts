import { type Method, pathOf, type Service } from '../service.js'

/** A method as a request finds it. */
export interface Route {
  readonly service: Service
  readonly method: Method
}

/** Where each method is, below `/v3`. Source: etcd, the `google.api.http` options in rpc.proto. */
const PATHS: Readonly<Record<string, readonly string[]>> = {
  '/etcdserverpb.KV/Range': ['/kv/range'],
  '/etcdserverpb.KV/Put': ['/kv/put'],
  '/etcdserverpb.KV/DeleteRange': ['/kv/deleterange'],
  '/etcdserverpb.KV/Txn': ['/kv/txn'],
  '/etcdserverpb.KV/Compact': ['/kv/compaction'],
  '/etcdserverpb.Watch/Watch': ['/watch'],
  '/etcdserverpb.Lease/LeaseGrant': ['/lease/grant'],
  '/etcdserverpb.Lease/LeaseRevoke': ['/lease/revoke', '/kv/lease/revoke'],
  '/etcdserverpb.Lease/LeaseKeepAlive': ['/lease/keepalive'],
  '/etcdserverpb.Lease/LeaseTimeToLive': ['/lease/timetolive', '/kv/lease/timetolive'],
  '/etcdserverpb.Lease/LeaseLeases': ['/lease/leases', '/kv/lease/leases'],
  '/etcdserverpb.Cluster/MemberAdd': ['/cluster/member/add'],
  '/etcdserverpb.Cluster/MemberRemove': ['/cluster/member/remove'],
  '/etcdserverpb.Cluster/MemberUpdate': ['/cluster/member/update'],
  '/etcdserverpb.Cluster/MemberList': ['/cluster/member/list'],
  '/etcdserverpb.Cluster/MemberPromote': ['/cluster/member/promote'],
  '/etcdserverpb.Maintenance/Alarm': ['/maintenance/alarm'],
  '/etcdserverpb.Maintenance/Status': ['/maintenance/status'],
  '/etcdserverpb.Maintenance/Defragment': ['/maintenance/defragment'],
  // `hash` up to 3.4, `hashkv` since.
  '/etcdserverpb.Maintenance/HashKV': ['/maintenance/hash', '/maintenance/hashkv'],
  '/etcdserverpb.Maintenance/Snapshot': ['/maintenance/snapshot'],
  '/etcdserverpb.Maintenance/MoveLeader': ['/maintenance/transfer-leadership'],
  '/etcdserverpb.Maintenance/Downgrade': ['/maintenance/downgrade'],
  '/etcdserverpb.Auth/AuthEnable': ['/auth/enable'],
  '/etcdserverpb.Auth/AuthDisable': ['/auth/disable'],
  '/etcdserverpb.Auth/AuthStatus': ['/auth/status'],
  '/etcdserverpb.Auth/Authenticate': ['/auth/authenticate'],
  '/etcdserverpb.Auth/UserAdd': ['/auth/user/add'],
  '/etcdserverpb.Auth/UserGet': ['/auth/user/get'],
  '/etcdserverpb.Auth/UserList': ['/auth/user/list'],
  '/etcdserverpb.Auth/UserDelete': ['/auth/user/delete'],
  '/etcdserverpb.Auth/UserChangePassword': ['/auth/user/changepw'],
  '/etcdserverpb.Auth/UserGrantRole': ['/auth/user/grant'],
  '/etcdserverpb.Auth/UserRevokeRole': ['/auth/user/revoke'],
  '/etcdserverpb.Auth/RoleAdd': ['/auth/role/add'],
  '/etcdserverpb.Auth/RoleGet': ['/auth/role/get'],
  '/etcdserverpb.Auth/RoleList': ['/auth/role/list'],
  '/etcdserverpb.Auth/RoleDelete': ['/auth/role/delete'],
  '/etcdserverpb.Auth/RoleGrantPermission': ['/auth/role/grant'],
  '/etcdserverpb.Auth/RoleRevokePermission': ['/auth/role/revoke'],
  '/v3lockpb.Lock/Lock': ['/lock/lock'],
  '/v3lockpb.Lock/Unlock': ['/lock/unlock'],
  '/v3electionpb.Election/Campaign': ['/election/campaign'],
  '/v3electionpb.Election/Proclaim': ['/election/proclaim'],
  '/v3electionpb.Election/Leader': ['/election/leader'],
  '/v3electionpb.Election/Observe': ['/election/observe'],
  '/v3electionpb.Election/Resign': ['/election/resign'],
}

/** Versions of the API: the second is what 3.3 called it. */
const PREFIXES = ['/v3', '/v3beta']

export const isGatewayPath = (path: string): boolean =>
  PREFIXES.some((prefix) => path.startsWith(`${prefix}/`))

export function routesOf(services: readonly Service[]): ReadonlyMap<string, Route> {
  const routes = new Map<string, Route>()
  for (const service of services) {
    for (const method of service.methods) {
      for (const path of PATHS[pathOf(service, method)] ?? []) {
        for (const prefix of PREFIXES) routes.set(prefix + path, { service, method })
      }
    }
  }
  return routes
}
