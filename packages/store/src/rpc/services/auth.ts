import type { Header } from '../../client/store-client.js'
import * as wire from '../../wire/auth.js'
import type { MessageType } from '../../wire/message.js'
import type { Caller, EtcdServer } from '../etcd-server.js'
import { ResponseHeaders } from '../response-header.js'
import { type Service, type UnaryMethod, unary } from '../service.js'

/** What most answers of this service are. */
type HeaderOnly = typeof wire.AuthEnableResponse

/** Source: etcd, api/v3rpc/auth.go. */
export function authService(server: EtcdServer): Service {
  const headers = new ResponseHeaders(server)
  const { auth } = server

  /** A method that changes something and answers a header. */
  const change = <Q>(
    name: string,
    request: MessageType<Q, never>,
    response: HeaderOnly,
    handle: (request: Q, caller: Caller) => Promise<Header>,
  ): UnaryMethod =>
    unary(name, request, response, async (message, caller) => ({
      header: headers.at(await handle(message, caller)),
    }))

  const switches = [
    change('AuthEnable', wire.AuthEnableRequest, wire.AuthEnableResponse, (_, caller) =>
      auth.enable(caller),
    ),
    change('AuthDisable', wire.AuthDisableRequest, wire.AuthDisableResponse, (_, caller) =>
      auth.disable(caller),
    ),
    unary('AuthStatus', wire.AuthStatusRequest, wire.AuthStatusResponse, async (_, caller) => {
      const { header, isEnabled, authRevision } = await auth.status(caller)
      return { header: headers.at(header), enabled: isEnabled, authRevision }
    }),
    unary(
      'Authenticate',
      wire.AuthenticateRequest,
      wire.AuthenticateResponse,
      async ({ name, password }, caller) => {
        const { header, token } = await auth.authenticate(name, password, caller)
        return { header: headers.at(header), token }
      },
    ),
  ]

  const users = [
    change('UserAdd', wire.AuthUserAddRequest, wire.AuthUserAddResponse, (request, caller) => {
      const { name, password, hashedPassword, options } = request
      const noPassword = options?.noPassword ?? false
      return auth.userAdd({ name, password, hashedPassword, noPassword }, caller)
    }),
    unary(
      'UserGet',
      wire.AuthUserGetRequest,
      wire.AuthUserGetResponse,
      async ({ name }, caller) => {
        const { header, roles } = await auth.userGet(name, caller)
        return { header: headers.at(header), roles }
      },
    ),
    unary('UserList', wire.AuthUserListRequest, wire.AuthUserListResponse, async (_, caller) => {
      const answer = await auth.userList(caller)
      return { header: headers.at(answer.header), users: answer.users }
    }),
    change(
      'UserDelete',
      wire.AuthUserDeleteRequest,
      wire.AuthUserDeleteResponse,
      ({ name }, caller) => auth.userDelete(name, caller),
    ),
    change(
      'UserChangePassword',
      wire.AuthUserChangePasswordRequest,
      wire.AuthUserChangePasswordResponse,
      ({ name, password, hashedPassword }, caller) =>
        auth.userChangePassword(name, { password, hashedPassword }, caller),
    ),
    change(
      'UserGrantRole',
      wire.AuthUserGrantRoleRequest,
      wire.AuthUserGrantRoleResponse,
      ({ user, role }, caller) => auth.userGrantRole(user, role, caller),
    ),
    change(
      'UserRevokeRole',
      wire.AuthUserRevokeRoleRequest,
      wire.AuthUserRevokeRoleResponse,
      ({ name, role }, caller) => auth.userRevokeRole(name, role, caller),
    ),
  ]

  const roles = [
    change('RoleAdd', wire.AuthRoleAddRequest, wire.AuthRoleAddResponse, ({ name }, caller) =>
      auth.roleAdd(name, caller),
    ),
    unary(
      'RoleGet',
      wire.AuthRoleGetRequest,
      wire.AuthRoleGetResponse,
      async ({ role }, caller) => {
        const { header, permissions } = await auth.roleGet(role, caller)
        return { header: headers.at(header), perm: permissions }
      },
    ),
    unary('RoleList', wire.AuthRoleListRequest, wire.AuthRoleListResponse, async (_, caller) => {
      const answer = await auth.roleList(caller)
      return { header: headers.at(answer.header), roles: answer.roles }
    }),
    change(
      'RoleDelete',
      wire.AuthRoleDeleteRequest,
      wire.AuthRoleDeleteResponse,
      ({ role }, caller) => auth.roleDelete(role, caller),
    ),
    change(
      'RoleGrantPermission',
      wire.AuthRoleGrantPermissionRequest,
      wire.AuthRoleGrantPermissionResponse,
      ({ name, perm }, caller) => auth.roleGrantPermission(name, perm, caller),
    ),
    change(
      'RoleRevokePermission',
      wire.AuthRoleRevokePermissionRequest,
      wire.AuthRoleRevokePermissionResponse,
      ({ role, key, rangeEnd }, caller) =>
        auth.roleRevokePermission(role, { key, rangeEnd }, caller),
    ),
  ]
  return { name: 'etcdserverpb.Auth', methods: [...switches, ...users, ...roles] }
}
