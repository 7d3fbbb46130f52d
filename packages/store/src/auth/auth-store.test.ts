import { describe, expect, it, test } from 'vitest'
import type { TxnRequest } from '../client/store-client.js'
import type { Permission } from '../wire/auth.js'
import { AuthStore } from './auth-store.js'

const refusalOf = (act: () => unknown): string | undefined => {
  try {
    act()
    return undefined
  } catch (error) {
    return (error as { code: string }).code
  }
}

const permission = (permType: Permission['permType'], key: string, rangeEnd = ''): Permission => ({
  permType,
  key,
  rangeEnd,
})

/** Root, and alice who may read [a, c) and write b. Enabled. */
function enabledStore(): AuthStore {
  const store = new AuthStore()
  for (const name of ['root', 'alice']) store.addUser({ name, password: 'hash', noPassword: false })
  store.grantRole('root', 'root')
  store.addRole('reader')
  store.grantPermission('reader', permission('read', 'a', 'c'))
  store.addRole('writer')
  store.grantPermission('writer', permission('write', 'b'))
  store.grantRole('alice', 'reader')
  store.grantRole('alice', 'writer')
  store.enable()
  return store
}

const as = (store: AuthStore, username: string) => ({ username, authRevision: store.revision })

describe('users and roles', () => {
  const refusals: [string, string, (store: AuthStore) => unknown][] = [
    ['a user without a name', 'UserEmpty', (s) => s.addUser(user(''))],
    ['a user that is there', 'UserAlreadyExists', (s) => s.addUser(user('alice'))],
    ['a user that is not there', 'UserNotFound', (s) => s.user('bob')],
    ['deleting whom nobody knows', 'UserNotFound', (s) => s.deleteUser('bob')],
    ['a password of whom nobody knows', 'UserNotFound', (s) => s.changePassword('bob', 'x')],
    ['a role for whom nobody knows', 'UserNotFound', (s) => s.grantRole('bob', 'reader')],
    ['taking it from whom nobody knows', 'UserNotFound', (s) => s.revokeRole('bob', 'reader')],
    ['a role without a name', 'RoleEmpty', (s) => s.addRole('')],
    ['a role that is there', 'RoleAlreadyExists', (s) => s.addRole('reader')],
    ['a role that is not there', 'RoleNotFound', (s) => s.role('x')],
    ['granting it', 'RoleNotFound', (s) => s.grantRole('alice', 'x')],
    ['deleting it', 'RoleNotFound', (s) => s.deleteRole('x')],
    ['its rights', 'RoleNotFound', (s) => s.grantPermission('x', permission('read', 'a'))],
    ['none of its rights', 'RoleNotFound', (s) => s.revokePermission('x', { key: 'a' })],
    ['no right at all', 'PermissionNotGiven', (s) => s.grantPermission('reader', undefined)],
    ['taking a role not had', 'RoleNotGranted', (s) => s.revokeRole('root', 'reader')],
    [
      'taking a right not had',
      'PermissionNotGranted',
      (s) => s.revokePermission('reader', { key: 'a' }),
    ],
    ['deleting root', 'InvalidAuthManagement', (s) => s.deleteUser('root')],
    ['taking root from root', 'InvalidAuthManagement', (s) => s.revokeRole('root', 'root')],
    ['deleting the role root', 'InvalidAuthManagement', (s) => s.deleteRole('root')],
  ]

  test.each(refusals)('refused: %s (%s)', (_, code, act) => {
    const store = enabledStore()
    const before = store.state()
    expect(refusalOf(() => act(store))).toBe(code)
    expect(store.state()).toEqual(before)
  })

  it('each change makes a revision, and what changes nothing none', () => {
    const store = enabledStore()
    const revisionsOf = (act: () => void) => {
      const before = store.revision
      act()
      return store.revision - before
    }
    expect(revisionsOf(() => store.addUser(user('bob')))).toBe(1)
    expect(revisionsOf(() => store.grantRole('bob', 'reader'))).toBe(1)
    expect(revisionsOf(() => store.grantRole('bob', 'reader'))).toBe(0)
    expect(revisionsOf(() => store.changePassword('bob', 'x'))).toBe(1)
    expect(revisionsOf(() => store.grantPermission('reader', permission('read', 'z')))).toBe(1)
    expect(revisionsOf(() => store.revokePermission('reader', { key: 'z' }))).toBe(1)
    expect(revisionsOf(() => store.deleteRole('reader'))).toBe(1)
    expect(revisionsOf(() => store.deleteUser('bob'))).toBe(1)
    expect(revisionsOf(() => store.enable())).toBe(0)
    expect(revisionsOf(() => store.disable())).toBe(1)
    expect(revisionsOf(() => store.disable())).toBe(0)
    expect(revisionsOf(() => store.enable())).toBe(0)
  })

  it('a role that is deleted is nobody’s any more', () => {
    const store = enabledStore()
    store.deleteRole('reader')
    expect(store.user('alice').roles).toEqual(['writer'])
    store.addRole('reader')
    expect(store.user('alice').roles).toEqual(['writer'])
  })

  it('a right on the same range is replaced; rights are in the order of their keys', () => {
    const store = enabledStore()
    store.grantPermission('writer', permission('read', 'a'))
    store.grantPermission('writer', permission('readwrite', 'b'))
    store.grantPermission('writer', permission('read', 'b', 'c'))
    expect(store.permissionsOf('writer')).toEqual([
      permission('read', 'a'),
      permission('readwrite', 'b'),
      permission('read', 'b', 'c'),
    ])
  })

  it('the role root is shown with the right on everything', () => {
    const store = enabledStore()
    expect(refusalOf(() => store.permissionsOf('root'))).toBe('RoleNotFound')
    store.addRole('root')
    expect(store.permissionsOf('root')).toEqual([permission('readwrite', '', '\0')])
  })

  it('who has no password gets none', () => {
    const store = enabledStore()
    store.addUser({ ...user('carol'), noPassword: true })
    store.changePassword('carol', 'hash')
    expect(store.user('carol').password).toBe('')
  })
})

describe('enabling', () => {
  it('needs the user root with the role root', () => {
    const store = new AuthStore()
    expect(refusalOf(() => store.enable())).toBe('RootUserNotExist')
    store.addUser(user('root'))
    expect(refusalOf(() => store.enable())).toBe('RootRoleNotExist')
    store.grantRole('root', 'root')
    store.enable()
    expect(store.isEnabled).toBe(true)
  })

  it('without it everything is allowed, and root is a user as others', () => {
    const store = enabledStore()
    store.disable()
    expect(refusalOf(() => store.check(nobody, 'write', { key: 'x' }))).toBeUndefined()
    expect(refusalOf(() => store.checkAdmin(nobody))).toBeUndefined()
    store.deleteUser('root')
    expect(store.userNames).toEqual(['alice'])
  })
})

describe('who may', () => {
  it('root, everything; others what their roles say together; nobody, nothing', () => {
    const store = enabledStore()
    const { revision } = store
    const refused = (username: string, right: 'read' | 'write', key: string, rangeEnd = '') =>
      refusalOf(() => store.check({ username, authRevision: revision }, right, { key, rangeEnd }))
    expect(refused('root', 'write', 'a', '\0')).toBeUndefined()
    expect(refused('alice', 'read', 'a', 'c')).toBeUndefined()
    expect(refused('alice', 'write', 'b')).toBeUndefined()
    expect(refused('alice', 'read', 'a', 'c\0')).toBe('PermissionDenied')
    expect(refused('alice', 'read', 'a', '\0')).toBe('PermissionDenied')
    expect(refused('alice', 'write', 'a')).toBe('PermissionDenied')
    expect(refused('bob', 'read', 'a')).toBe('PermissionDenied')
    expect(refusalOf(() => store.check(nobody, 'read', { key: 'a' }))).toBe('UserEmpty')
    const adminRefusal = (name: string) => refusalOf(() => store.checkAdmin(as(store, name)))
    expect(['root', 'alice', 'bob', ''].map(adminRefusal)).toEqual([
      undefined,
      'PermissionDenied',
      'UserNotFound',
      'UserEmpty',
    ])
  })

  it('what was admitted before a change is refused after it, also to root', () => {
    const store = enabledStore()
    const root = as(store, 'root')
    store.addRole('another')
    expect(refusalOf(() => store.check(root, 'read', { key: 'a' }))).toBe('AuthOldRevision')
    expect(refusalOf(() => store.checkRevision(root))).toBe('AuthOldRevision')
    // Whoever may change users may do so on the strength of an older token, as in etcd.
    expect(refusalOf(() => store.checkAdmin(root))).toBeUndefined()
  })

  it('a right that is taken is gone at once', () => {
    const store = enabledStore()
    store.check(as(store, 'alice'), 'read', { key: 'a' })
    store.revokePermission('reader', { key: 'a', rangeEnd: 'c' })
    const read = () => store.check(as(store, 'alice'), 'read', { key: 'a' })
    expect(refusalOf(read)).toBe('PermissionDenied')
  })

  const put = (key: string, prevKv = false) =>
    ({ type: 'put', key, value: new Uint8Array(), prevKv }) as const
  const range = (key: string) => ({ type: 'range', key }) as const
  const transactions: [string, TxnRequest, string | undefined][] = [
    ['what is allowed', { success: [range('a'), put('b')], failure: [put('b', true)] }, undefined],
    ['a branch not taken', { failure: [range('x')] }, 'PermissionDenied'],
    ['a write in either branch', { success: [put('a')] }, 'PermissionDenied'],
    ['a compare', { compare: [compare('x')] }, 'PermissionDenied'],
    ['a compare of a range', { compare: [compare('a', '\0')] }, 'PermissionDenied'],
    ['a nested one', { success: [{ type: 'txn', success: [put('a')] }] }, 'PermissionDenied'],
    [
      'a compare in a nested one',
      { success: [{ type: 'txn', compare: [compare('x')] }] },
      'PermissionDenied',
    ],
    ['a deletion', { success: [{ type: 'deleteRange', key: 'a' }] }, 'PermissionDenied'],
  ]

  test.each(transactions)('all of a transaction counts: %s', (_, txn, code) => {
    const store = enabledStore()
    expect(refusalOf(() => store.checkTxn(as(store, 'alice'), txn))).toBe(code)
  })

  it('to see what was there before needs the right to read', () => {
    const store = enabledStore()
    store.grantPermission('writer', permission('write', 'x'))
    const alice = as(store, 'alice')
    expect(refusalOf(() => store.checkPut(alice, { key: 'x' }))).toBeUndefined()
    expect(refusalOf(() => store.checkPut(alice, { key: 'x', prevKv: true }))).toBe(
      'PermissionDenied',
    )
    expect(refusalOf(() => store.checkDelete(alice, { key: 'x' }))).toBeUndefined()
    expect(refusalOf(() => store.checkDelete(alice, { key: 'x', prevKv: true }))).toBe(
      'PermissionDenied',
    )
  })
})

describe('its state', () => {
  it('is all of it, and is not changed by what comes later', () => {
    const store = enabledStore()
    const state = store.state()
    const copy = structuredClone(state)
    store.addUser(user('bob'))
    store.deleteRole('reader')
    expect(state).toEqual(copy)
    const restored = new AuthStore()
    restored.restore(state)
    expect(restored.state()).toEqual(state)
    expect(refusalOf(() => restored.check(as(restored, 'alice'), 'read', { key: 'a' }))).toBe(
      undefined,
    )
  })

  it('begins with revision 1, as that of a store that was never asked about users', () => {
    const store = new AuthStore()
    store.restore({ isEnabled: false, revision: 0, users: [], roles: [] })
    expect(store.revision).toBe(1)
  })
})

const nobody = { username: '', authRevision: 0 }

const user = (name: string) => ({ name, password: 'hash', noPassword: false })

function compare(key: string, rangeEnd = '') {
  return { key, rangeEnd, target: 'version', result: 'equal', value: 0 } as never
}
