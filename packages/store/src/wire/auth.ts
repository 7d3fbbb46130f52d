import { header } from './kv.js'
import { type Decoded, field, message, optional, repeated } from './message.js'
import { bool, enumOf, integer, key, string } from './scalars.js'

/** etcdserverpb's Auth service and authpb. */

export const UserAddOptions = message('authpb.UserAddOptions', { noPassword: field(1, bool) })

export const Permission = message('authpb.Permission', {
  permType: field(
    1,
    enumOf({ read: [0, 'READ'], write: [1, 'WRITE'], readwrite: [2, 'READWRITE'] }),
    { name: 'permType' },
  ),
  key: field(2, key),
  rangeEnd: field(3, key),
})
export type Permission = Decoded<typeof Permission>

/** As it lies in the store. Names and passwords are bytes there. */
export const Role = message('authpb.Role', {
  name: field(1, string),
  keyPermission: repeated(2, Permission, { name: 'keyPermission' }),
})
export type Role = Decoded<typeof Role>

/** As it lies in the store; `password` is a bcrypt hash, empty for a user without one. */
export const User = message('authpb.User', {
  name: field(1, string),
  password: field(2, key),
  roles: repeated(3, string),
  options: optional(4, UserAddOptions),
})
export type User = Decoded<typeof User>

const name = field(1, string)
const onlyHeader = (response: string) => message(`etcdserverpb.${response}`, { header })

export const AuthEnableRequest = message('etcdserverpb.AuthEnableRequest', {})
export const AuthEnableResponse = onlyHeader('AuthEnableResponse')
export const AuthDisableRequest = message('etcdserverpb.AuthDisableRequest', {})
export const AuthDisableResponse = onlyHeader('AuthDisableResponse')
export const AuthStatusRequest = message('etcdserverpb.AuthStatusRequest', {})
export const AuthStatusResponse = message('etcdserverpb.AuthStatusResponse', {
  header,
  enabled: field(2, bool),
  authRevision: field(3, integer, { name: 'authRevision' }),
})

export const AuthenticateRequest = message('etcdserverpb.AuthenticateRequest', {
  name,
  password: field(2, string),
})
export const AuthenticateResponse = message('etcdserverpb.AuthenticateResponse', {
  header,
  token: field(2, string),
})

export const AuthUserAddRequest = message('etcdserverpb.AuthUserAddRequest', {
  name,
  password: field(2, string),
  options: optional(3, UserAddOptions),
  hashedPassword: field(4, string, { name: 'hashedPassword' }),
})
export type AuthUserAddRequest = Decoded<typeof AuthUserAddRequest>
export const AuthUserAddResponse = onlyHeader('AuthUserAddResponse')

export const AuthUserGetRequest = message('etcdserverpb.AuthUserGetRequest', { name })
export const AuthUserGetResponse = message('etcdserverpb.AuthUserGetResponse', {
  header,
  roles: repeated(2, string),
})

export const AuthUserListRequest = message('etcdserverpb.AuthUserListRequest', {})
export const AuthUserListResponse = message('etcdserverpb.AuthUserListResponse', {
  header,
  users: repeated(2, string),
})

export const AuthUserDeleteRequest = message('etcdserverpb.AuthUserDeleteRequest', { name })
export const AuthUserDeleteResponse = onlyHeader('AuthUserDeleteResponse')

export const AuthUserChangePasswordRequest = message('etcdserverpb.AuthUserChangePasswordRequest', {
  name,
  password: field(2, string),
  hashedPassword: field(3, string, { name: 'hashedPassword' }),
})
export const AuthUserChangePasswordResponse = onlyHeader('AuthUserChangePasswordResponse')

export const AuthUserGrantRoleRequest = message('etcdserverpb.AuthUserGrantRoleRequest', {
  user: field(1, string),
  role: field(2, string),
})
export const AuthUserGrantRoleResponse = onlyHeader('AuthUserGrantRoleResponse')

export const AuthUserRevokeRoleRequest = message('etcdserverpb.AuthUserRevokeRoleRequest', {
  name,
  role: field(2, string),
})
export const AuthUserRevokeRoleResponse = onlyHeader('AuthUserRevokeRoleResponse')

export const AuthRoleAddRequest = message('etcdserverpb.AuthRoleAddRequest', { name })
export const AuthRoleAddResponse = onlyHeader('AuthRoleAddResponse')

const role = field(1, string)

export const AuthRoleGetRequest = message('etcdserverpb.AuthRoleGetRequest', { role })
export const AuthRoleGetResponse = message('etcdserverpb.AuthRoleGetResponse', {
  header,
  perm: repeated(2, Permission),
})

export const AuthRoleListRequest = message('etcdserverpb.AuthRoleListRequest', {})
export const AuthRoleListResponse = message('etcdserverpb.AuthRoleListResponse', {
  header,
  roles: repeated(2, string),
})

export const AuthRoleDeleteRequest = message('etcdserverpb.AuthRoleDeleteRequest', { role })
export const AuthRoleDeleteResponse = onlyHeader('AuthRoleDeleteResponse')

export const AuthRoleGrantPermissionRequest = message(
  'etcdserverpb.AuthRoleGrantPermissionRequest',
  { name, perm: optional(2, Permission) },
)
export const AuthRoleGrantPermissionResponse = onlyHeader('AuthRoleGrantPermissionResponse')

export const AuthRoleRevokePermissionRequest = message(
  'etcdserverpb.AuthRoleRevokePermissionRequest',
  { role, key: field(2, key), rangeEnd: field(3, key) },
)
export const AuthRoleRevokePermissionResponse = onlyHeader('AuthRoleRevokePermissionResponse')
