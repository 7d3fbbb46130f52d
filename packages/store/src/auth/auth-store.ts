import type { AuthState } from '../backend/state.js'
import { FROM_KEY, type KeyRange } from '../client/key-range.js'
import type { RequestOp, TxnRequest } from '../client/store-client.js'
import { type PlainErrorCode, StoreError } from '../errors.js'
import type { Permission, Role, User } from '../wire/auth.js'
import { type Right, Rights } from './permissions.js'

/** The user that must exist, and the role that may do everything. */
const ROOT = 'root'

/** Who asks, as the log entry of a request has it too. */
export interface Asker {
  readonly username: string
  readonly authRevision: number
}

/** A user as it is added; `password` is the bcrypt hash, empty without one. */
export interface NewUser {
  readonly name: string
  readonly password: string
  readonly noPassword: boolean
}

/**
 * Users, roles and what they may do: a part of the replicated state. Each change makes the next
 * revision, so that a request which was admitted under other permissions is recognized when it is
 * applied. Source: etcd, auth/store.go.
 */
export class AuthStore {
  #isEnabled = false
  /** etcd begins with 1. */
  #revision = 1
  #users: ReadonlyMap<string, User> = new Map()
  #roles: ReadonlyMap<string, Role> = new Map()
  /** By user; empty after every change. */
  readonly #rights = new Map<string, Rights>()

  get isEnabled(): boolean {
    return this.#isEnabled
  }

  get revision(): number {
    return this.#revision
  }

  /** O(1) but for the sorting: what is inside is replaced, never written to. */
  state(): AuthState {
    return {
      isEnabled: this.#isEnabled,
      revision: this.#revision,
      users: [...this.#users.values()].sort(byName),
      roles: [...this.#roles.values()].sort(byName),
    }
  }

  restore(state: AuthState): void {
    this.#isEnabled = state.isEnabled
    this.#revision = Math.max(state.revision, 1)
    this.#users = new Map(state.users.map((user) => [user.name, user]))
    this.#roles = new Map(state.roles.map((role) => [role.name, role]))
    this.#rights.clear()
  }

  // What may be done

  /** Throws unless the asker has the right on the whole range. */
  check({ username, authRevision }: Asker, right: Right, range: KeyRange): void {
    if (!this.#isEnabled) return
    if (authRevision === 0 || username === '') throw refusal('UserEmpty')
    if (authRevision < this.#revision) throw refusal('AuthOldRevision')
    const user = this.#users.get(username)
    if (user === undefined) throw refusal('PermissionDenied')
    if (user.roles.includes(ROOT)) return
    if (!this.#rightsOf(user).allow(right, range)) throw refusal('PermissionDenied')
  }

  /** Throws unless the asker has the role root. */
  checkAdmin({ username }: Asker): void {
    if (!this.#isEnabled) return
    if (username === '') throw refusal('UserEmpty')
    if (!this.user(username).roles.includes(ROOT)) throw refusal('PermissionDenied')
  }

  /** Throws when something has changed since the asker was found to be who it is. */
  checkRevision({ authRevision }: Asker): void {
    if (this.#isEnabled && authRevision < this.#revision) throw refusal('AuthOldRevision')
  }

  /** Throws unless all of the transaction, both branches, is allowed. */
  checkTxn(asker: Asker, txn: TxnRequest): void {
    if (!this.#isEnabled) return
    for (const compare of txn.compare ?? []) this.check(asker, 'read', compare)
    for (const op of [...(txn.success ?? []), ...(txn.failure ?? [])]) this.#checkOp(asker, op)
  }

  #checkOp(asker: Asker, op: RequestOp): void {
    if (op.type === 'range') this.check(asker, 'read', op)
    else if (op.type === 'put') this.checkPut(asker, op)
    else if (op.type === 'deleteRange') this.checkDelete(asker, op)
    else this.checkTxn(asker, op)
  }

  checkPut(asker: Asker, { key, prevKv }: { key: string; prevKv?: boolean | undefined }): void {
    this.check(asker, 'write', { key })
    if (prevKv) this.check(asker, 'read', { key })
  }

  checkDelete(asker: Asker, range: KeyRange & { prevKv?: boolean | undefined }): void {
    this.check(asker, 'write', range)
    if (range.prevKv) this.check(asker, 'read', range)
  }

  #rightsOf(user: User): Rights {
    const known = this.#rights.get(user.name)
    if (known !== undefined) return known
    const rights = new Rights(user.roles.flatMap((name) => this.#roles.get(name) ?? []))
    this.#rights.set(user.name, rights)
    return rights
  }

  // What is known

  user(name: string): User {
    const user = this.#users.get(name)
    if (user === undefined) throw refusal('UserNotFound')
    return user
  }

  role(name: string): Role {
    const role = this.#roles.get(name)
    if (role === undefined) throw refusal('RoleNotFound')
    return role
  }

  /** The role root may do everything, whatever it was granted. */
  permissionsOf(role: string): readonly Permission[] {
    const { keyPermission } = this.role(role)
    return role === ROOT ? [EVERYTHING] : keyPermission
  }

  findUser(name: string): User | undefined {
    return this.#users.get(name)
  }

  get userNames(): string[] {
    return [...this.#users.keys()].sort()
  }

  get roleNames(): string[] {
    return [...this.#roles.keys()].sort()
  }

  // Changes; each throws what forbids it before it changes anything

  enable(): void {
    if (this.#isEnabled) return
    const root = this.#users.get(ROOT)
    if (root === undefined) throw refusal('RootUserNotExist')
    if (!root.roles.includes(ROOT)) throw refusal('RootRoleNotExist')
    this.#isEnabled = true
  }

  disable(): void {
    if (!this.#isEnabled) return
    this.#isEnabled = false
    this.#revision++
  }

  addUser({ name, password, noPassword }: NewUser): void {
    if (name === '') throw refusal('UserEmpty')
    if (this.#users.has(name)) throw refusal('UserAlreadyExists')
    this.#setUser({ name, password, roles: [], options: { noPassword } })
  }

  deleteUser(name: string): void {
    if (this.#isEnabled && name === ROOT) throw refusal('InvalidAuthManagement')
    this.user(name)
    const users = new Map(this.#users)
    users.delete(name)
    this.#changed(users, this.#roles)
  }

  /** Of a user that has none, and never will, only the revision changes. */
  changePassword(name: string, password: string): void {
    const user = this.user(name)
    this.#setUser({ ...user, password: user.options?.noPassword ? '' : password })
  }

  grantRole(name: string, role: string): void {
    const user = this.user(name)
    if (role !== ROOT) this.role(role)
    if (user.roles.includes(role)) return
    this.#setUser({ ...user, roles: [...user.roles, role].sort() })
  }

  revokeRole(name: string, role: string): void {
    if (this.#isEnabled && name === ROOT && role === ROOT) throw refusal('InvalidAuthManagement')
    const user = this.user(name)
    if (!user.roles.includes(role)) throw refusal('RoleNotGranted')
    this.#setUser({ ...user, roles: user.roles.filter((other) => other !== role) })
  }

  addRole(name: string): void {
    if (name === '') throw refusal('RoleEmpty')
    if (this.#roles.has(name)) throw refusal('RoleAlreadyExists')
    this.#setRole({ name, keyPermission: [] })
  }

  deleteRole(name: string): void {
    if (this.#isEnabled && name === ROOT) throw refusal('InvalidAuthManagement')
    this.role(name)
    const roles = new Map(this.#roles)
    roles.delete(name)
    const users = new Map(this.#users)
    for (const user of users.values()) {
      if (!user.roles.includes(name)) continue
      users.set(user.name, { ...user, roles: user.roles.filter((other) => other !== name) })
    }
    this.#changed(users, roles)
  }

  grantPermission(name: string, permission: Permission | undefined): void {
    if (permission === undefined) throw refusal('PermissionNotGiven')
    const role = this.role(name)
    const others = role.keyPermission.filter((known) => !isSameRange(known, permission))
    const keyPermission = [...others, permission].sort((a, b) =>
      a.key < b.key ? -1 : a.key > b.key ? 1 : 0,
    )
    this.#setRole({ ...role, keyPermission })
  }

  revokePermission(name: string, range: KeyRange): void {
    const role = this.role(name)
    const keyPermission = role.keyPermission.filter((known) => !isSameRange(known, range))
    if (keyPermission.length === role.keyPermission.length) throw refusal('PermissionNotGranted')
    this.#setRole({ ...role, keyPermission })
  }

  #setUser(user: User): void {
    this.#changed(new Map(this.#users).set(user.name, user), this.#roles)
  }

  #setRole(role: Role): void {
    this.#changed(this.#users, new Map(this.#roles).set(role.name, role))
  }

  #changed(users: ReadonlyMap<string, User>, roles: ReadonlyMap<string, Role>): void {
    this.#users = users
    this.#roles = roles
    this.#revision++
    this.#rights.clear()
  }
}

const EVERYTHING: Permission = { permType: 'readwrite', key: '', rangeEnd: FROM_KEY }

const refusal = (code: PlainErrorCode): StoreError => new StoreError({ code })

const isSameRange = (a: KeyRange, b: KeyRange): boolean =>
  a.key === b.key && (a.rangeEnd ?? '') === (b.rangeEnd ?? '')

const byName = (a: { name: string }, b: { name: string }): number => (a.name < b.name ? -1 : 1)
