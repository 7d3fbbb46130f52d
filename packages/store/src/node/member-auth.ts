import type { AuthStore } from '../auth/auth-store.js'
import { Passwords } from '../auth/passwords.js'
import type { TokenProvider } from '../auth/tokens.js'
import type { KeyRange } from '../client/key-range.js'
import type { Header, LeaseId, PutRequest, TxnRequest } from '../client/store-client.js'
import { StoreError } from '../errors.js'
import type { AuthApi, Caller, GoneSignal } from '../rpc/etcd-server.js'
import type { Permission } from '../wire/auth.js'
import type { MemberAuth } from './access.js'
import { type Author, type Command, NOBODY_ASKS } from './command.js'
import type { StateMachine } from './state-machine.js'

export interface MemberAuthOptions {
  readonly store: AuthStore
  readonly tokens: TokenProvider
  readonly machine: StateMachine
  readonly bcryptCost: number
  readonly propose: <T>(command: Command, author: Author, signal?: GoneSignal) => Promise<T>
  /** Resolves when this member's state has all that was acknowledged. */
  readonly confirm: () => Promise<void>
  /** Of the entry that is being applied. */
  readonly applyingIndex: () => number
  /** What the log has before it, a restart applies again. */
  readonly firstNewIndex: number
}

interface HeaderAnswer {
  readonly header: Header
}

/** Users, roles and their rights on a member: who asks, what they may, and how that is changed. */
export class MemberAuthority implements MemberAuth, AuthApi {
  readonly #options: MemberAuthOptions
  readonly #store: AuthStore
  readonly #passwords: Passwords

  constructor(options: MemberAuthOptions) {
    this.#options = options
    this.#store = options.store
    this.#passwords = new Passwords(options.bcryptCost)
  }

  get api(): AuthApi {
    return this
  }

  // Who asks

  authorOf({ token, commonName }: Caller): Author {
    if (!this.#store.isEnabled) return NOBODY_ASKS
    const { revision } = this.#store
    if (token !== undefined && token !== '') {
      const bearer = this.#options.tokens.find(token)
      if (bearer === undefined) throw new StoreError({ code: 'InvalidAuthToken' })
      return { username: bearer.username, authRevision: bearer.authRevision || revision }
    }
    if (commonName === undefined || commonName === '') return NOBODY_ASKS
    return { username: commonName, authRevision: revision }
  }

  // What they may

  checkRead(author: Author, range: KeyRange): void {
    this.#store.check(author, 'read', range)
  }

  checkTxnRead(author: Author, txn: TxnRequest): void {
    this.#store.checkTxn(author, txn)
  }

  checkLeaseKeys(author: Author, lease: LeaseId): void {
    for (const key of this.#keysOf(lease)) this.#store.check(author, 'read', { key })
  }

  checkAdmin(author: Author): void {
    this.#store.checkAdmin(author)
  }

  /** Again when it is applied: the permissions may have changed since it was proposed. */
  check(author: Author, command: Command): void {
    if (!this.#store.isEnabled) return
    const { put, deleteRange, txn, leaseRevoke, authenticate } = command
    if (put !== undefined) this.#checkPut(author, put)
    else if (deleteRange !== undefined) {
      this.#store.checkDelete(author, deleteRange)
    } else if (txn !== undefined) this.#checkTxn(author, txn)
    else if (leaseRevoke !== undefined) this.#checkLeaseWrite(author, leaseRevoke.id)
    else if (authenticate !== undefined) this.#store.checkRevision(author)
    else if (isAboutAuth(command)) this.#store.checkAdmin(author)
  }

  #checkPut(author: Author, put: PutRequest): void {
    this.#store.checkPut(author, put)
    this.#checkLeaseWrite(author, put.lease)
  }

  #checkTxn(author: Author, txn: TxnRequest): void {
    this.#store.checkTxn(author, txn)
    for (const lease of leasesOf(txn)) this.#checkLeaseWrite(author, lease)
  }

  /** Whoever attaches a key to a lease could delete the others with it. */
  #checkLeaseWrite(author: Author, lease: LeaseId = 0n): void {
    for (const key of this.#keysOf(lease)) this.#store.check(author, 'write', { key })
  }

  #keysOf(lease: LeaseId): Iterable<string> {
    return lease === 0n ? [] : (this.#options.machine.lessor.find(lease)?.keys ?? [])
  }

  // How it is changed: through the log

  apply(command: Command): unknown {
    if (!isAboutAuth(command)) return undefined
    const token = this.#apply(command)
    return { header: this.#header(), token }
  }

  #apply(command: Command): string | undefined {
    const { tokens } = this.#options
    const store = this.#store
    const { authUserAdd: user, authUserChangePassword: change, authenticate } = command
    if (authenticate !== undefined) {
      return this.#issueToken(authenticate.name ?? '', authenticate.simpleToken ?? '')
    }
    if (command.authEnable !== undefined) store.enable()
    else if (command.authDisable !== undefined) {
      store.disable()
      tokens.forget()
    } else if (user !== undefined) {
      const noPassword = user.options?.noPassword ?? false
      const password = noPassword ? '' : fromBase64(user.hashedPassword)
      store.addUser({ name: user.name ?? '', password, noPassword })
    } else if (change !== undefined) {
      store.changePassword(change.name ?? '', fromBase64(change.hashedPassword))
      tokens.forget(change.name)
    } else this.#applyGrant(command)
    return undefined
  }

  #issueToken(name: string, draft: string): string {
    const { tokens, applyingIndex, firstNewIndex } = this.#options
    const { isEnabled, revision } = this.#store
    if (!isEnabled) throw new StoreError({ code: 'AuthNotEnabled' })
    const index = applyingIndex()
    // A restart must not give new life to a token that has run out since.
    return index < firstNewIndex ? '' : tokens.issue(name, revision, draft, index)
  }

  #applyGrant(command: Command): void {
    const { tokens } = this.#options
    const store = this.#store
    const { authUserDelete, authUserGrantRole, authUserRevokeRole, authRoleAdd } = command
    const { authRoleDelete, authRoleGrantPermission, authRoleRevokePermission } = command
    if (authUserDelete !== undefined) {
      store.deleteUser(authUserDelete.name ?? '')
      tokens.forget(authUserDelete.name)
    } else if (authUserGrantRole !== undefined) {
      store.grantRole(authUserGrantRole.user ?? '', authUserGrantRole.role ?? '')
    } else if (authUserRevokeRole !== undefined) {
      store.revokeRole(authUserRevokeRole.name ?? '', authUserRevokeRole.role ?? '')
    } else if (authRoleAdd !== undefined) {
      store.addRole(authRoleAdd.name ?? '')
    } else if (authRoleDelete !== undefined) {
      store.deleteRole(authRoleDelete.role ?? '')
    } else if (authRoleGrantPermission !== undefined) {
      store.grantPermission(
        authRoleGrantPermission.name ?? '',
        permissionOf(authRoleGrantPermission),
      )
    } else if (authRoleRevokePermission !== undefined) {
      const { role = '', key = '', rangeEnd = '' } = authRoleRevokePermission
      store.revokePermission(role, { key, rangeEnd })
    }
  }

  #header(): Header {
    return this.#options.machine.header()
  }

  async #change(command: Command, caller: Caller): Promise<Header> {
    const author = this.authorOf(caller)
    const answer = await this.#options.propose<HeaderAnswer>(command, author, goneOf(caller))
    return answer.header
  }

  // The network service

  enable(caller: Caller): Promise<Header> {
    return this.#change({ authEnable: {} }, caller)
  }

  disable(caller: Caller): Promise<Header> {
    return this.#change({ authDisable: {} }, caller)
  }

  async status(
    caller: Caller,
  ): Promise<{ header: Header; isEnabled: boolean; authRevision: number }> {
    await this.#options.confirm()
    this.#store.checkAdmin(this.authorOf(caller))
    const { isEnabled, revision: authRevision } = this.#store
    return { header: this.#header(), isEnabled, authRevision }
  }

  /**
   * The password is checked here, since that takes long; should anything change until the token is
   * issued, it is checked again.
   */
  async authenticate(
    name: string,
    password: string,
    caller: Caller,
  ): Promise<{ header: Header; token: string }> {
    const { confirm, tokens, propose } = this.#options
    for (;;) {
      await confirm()
      if (!this.#store.isEnabled) throw new StoreError({ code: 'AuthNotEnabled' })
      const author = { username: name, authRevision: this.#store.revision }
      await this.#checkPassword(name, password)
      if (goneOf(caller)?.aborted) throw new StoreError({ code: 'Canceled' })
      const authenticate = { name, simpleToken: tokens.draft() }
      try {
        return await propose({ authenticate }, author, goneOf(caller))
      } catch (error) {
        if (!(error instanceof StoreError) || error.code !== 'AuthOldRevision') throw error
      }
    }
  }

  async #checkPassword(name: string, password: string): Promise<void> {
    const user = this.#store.findUser(name)
    // Tells a stranger that there is such a user; etcd does, and its clients know the text.
    if (user?.options?.noPassword === true) throw new StoreError({ code: 'NoPasswordUser' })
    const isRight = user !== undefined && (await this.#passwords.check(password, user.password))
    if (!isRight) throw new StoreError({ code: 'AuthFailed' })
  }

  async userAdd(
    user: { name: string; password: string; hashedPassword: string; noPassword: boolean },
    caller: Caller,
  ): Promise<Header> {
    const { name, noPassword } = user
    if (name === '') throw new StoreError({ code: 'UserEmpty' })
    const hashedPassword = noPassword ? '' : await this.#hash(user)
    const options = { noPassword }
    return this.#change({ authUserAdd: { name, hashedPassword, options } }, caller)
  }

  async userChangePassword(
    name: string,
    given: { password: string; hashedPassword: string },
    caller: Caller,
  ): Promise<Header> {
    const hashedPassword = await this.#hash(given)
    return this.#change({ authUserChangePassword: { name, hashedPassword } }, caller)
  }

  /** Who hashed it already sends that. */
  async #hash(given: { password: string; hashedPassword: string }): Promise<string> {
    if (given.hashedPassword !== '') return given.hashedPassword
    const hash = await this.#passwords.hash(given.password)
    return Buffer.from(hash, 'latin1').toString('base64')
  }

  async userGet(name: string, caller: Caller): Promise<{ header: Header; roles: string[] }> {
    await this.#options.confirm()
    const author = this.authorOf(caller)
    // Everybody may know about themselves.
    if (author.username !== name) this.#store.checkAdmin(author)
    return { header: this.#header(), roles: [...this.#store.user(name).roles] }
  }

  async userList(caller: Caller): Promise<{ header: Header; users: string[] }> {
    await this.#options.confirm()
    this.#store.checkAdmin(this.authorOf(caller))
    return { header: this.#header(), users: this.#store.userNames }
  }

  userDelete(name: string, caller: Caller): Promise<Header> {
    return this.#change({ authUserDelete: { name } }, caller)
  }

  userGrantRole(name: string, role: string, caller: Caller): Promise<Header> {
    return this.#change({ authUserGrantRole: { user: name, role } }, caller)
  }

  userRevokeRole(name: string, role: string, caller: Caller): Promise<Header> {
    return this.#change({ authUserRevokeRole: { name, role } }, caller)
  }

  roleAdd(name: string, caller: Caller): Promise<Header> {
    return this.#change({ authRoleAdd: { name } }, caller)
  }

  async roleGet(
    name: string,
    caller: Caller,
  ): Promise<{ header: Header; permissions: Permission[] }> {
    await this.#options.confirm()
    const author = this.authorOf(caller)
    const hasRole = this.#store.findUser(author.username)?.roles.includes(name)
    if (!hasRole) this.#store.checkAdmin(author)
    return { header: this.#header(), permissions: [...this.#store.permissionsOf(name)] }
  }

  async roleList(caller: Caller): Promise<{ header: Header; roles: string[] }> {
    await this.#options.confirm()
    this.#store.checkAdmin(this.authorOf(caller))
    return { header: this.#header(), roles: this.#store.roleNames }
  }

  roleDelete(name: string, caller: Caller): Promise<Header> {
    return this.#change({ authRoleDelete: { role: name } }, caller)
  }

  roleGrantPermission(
    name: string,
    permission: Permission | undefined,
    caller: Caller,
  ): Promise<Header> {
    return this.#change({ authRoleGrantPermission: { name, perm: permission } }, caller)
  }

  roleRevokePermission(name: string, range: KeyRange, caller: Caller): Promise<Header> {
    return this.#change({ authRoleRevokePermission: { role: name, ...range } }, caller)
  }
}

const ABOUT_AUTH = [
  'authEnable',
  'authDisable',
  'authenticate',
  'authUserAdd',
  'authUserDelete',
  'authUserChangePassword',
  'authUserGrantRole',
  'authUserRevokeRole',
  'authRoleAdd',
  'authRoleDelete',
  'authRoleGrantPermission',
  'authRoleRevokePermission',
] as const

const isAboutAuth = (command: Command): boolean =>
  ABOUT_AUTH.some((name) => command[name] !== undefined)

/** Empty fields are absent in what was proposed here, and present in what was decoded. */
function permissionOf({
  perm,
}: NonNullable<Command['authRoleGrantPermission']>): Permission | undefined {
  if (perm === undefined) return undefined
  const { permType = 'read', key = '', rangeEnd = '' } = perm
  return { permType, key, rangeEnd }
}

const goneOf = ({ gone, signal }: Caller): GoneSignal | undefined => gone ?? signal

/** Those to which it would attach keys, however deep. */
function* leasesOf({ success = [], failure = [] }: TxnRequest): Generator<LeaseId | undefined> {
  for (const op of [...success, ...failure]) {
    if (op.type === 'put') yield op.lease
    else if (op.type === 'txn') yield* leasesOf(op)
  }
}

const fromBase64 = (text = ''): string => Buffer.from(text, 'base64').toString('latin1')
