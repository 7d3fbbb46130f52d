import { isStatusError } from '@miniplane/api'
import { expect, it } from 'vitest'
import { ALLOW, type Authorizer, NO_RULES } from '../authz/authorizer.js'
import { impersonate } from './impersonate.js'
import type { RequestContext, UserInfo } from './stage.js'

const allowsAll: Authorizer = { authorize: () => ALLOW, rulesFor: () => NO_RULES }
const requestor: UserInfo = { name: 'root', groups: ['system:masters'] }

/** Whom the request goes on as, or why it doesn't. */
async function outcome(headers: Record<string, string>): Promise<UserInfo | string> {
  const context = { request: { headers }, user: requestor, info: {} } as unknown as RequestContext
  const next = async () => ({ status: 200, headers: {}, body: { kind: 'none' } }) as const
  try {
    await impersonate(allowsAll)(context, next)
    return context.user
  } catch (error) {
    if (!isStatusError(error)) throw error
    return error.message
  }
}

const nobody = (uid: string, groups: string, extra: string) =>
  `requested &user.DefaultInfo{Name:"", UID:"${uid}", Groups:${groups}, Extra:${extra}} without impersonating a user name`
const [NO_GROUPS, NO_EXTRA] = ['[]string(nil)', 'map[string][]string(nil)']

it.each<[about: string, headers: Record<string, string>, expected: UserInfo | string]>([
  ['nothing', {}, requestor],
  ['a header of that prefix that says nothing', { 'impersonate-foo': 'x' }, requestor],
  ['an empty name', { 'impersonate-user': '' }, requestor],
  ['an empty uid', { 'impersonate-uid': '' }, requestor],
  [
    'groups, a line each, with commas of their own',
    { 'impersonate-user': 'bob', 'impersonate-group': 'CN=a,OU=b\nc' },
    { name: 'bob', groups: ['CN=a,OU=b', 'c', 'system:authenticated'] },
  ],
  [
    'extra values, a line each',
    { 'impersonate-user': 'bob', 'impersonate-extra-acme.io%2fkey': 'a,b\nc' },
    { name: 'bob', groups: ['system:authenticated'], extra: { 'acme.io/key': ['a,b', 'c'] } },
  ],
  ['a group alone', { 'impersonate-group': 'devs' }, nobody('', '[]string{"devs"}', NO_EXTRA)],
  ['an empty group alone', { 'impersonate-group': '' }, nobody('', '[]string{""}', NO_EXTRA)],
  ['a uid alone', { 'impersonate-uid': 'u' }, nobody('u', NO_GROUPS, NO_EXTRA)],
  [
    'extra values alone, in the order of their keys',
    { 'impersonate-extra-b': 'x', 'impersonate-extra-a': 'y' },
    nobody('', NO_GROUPS, 'map[string][]string{"a":[]string{"y"}, "b":[]string{"x"}}'),
  ],
])('%s', async (_, headers, expected) => {
  expect(await outcome(headers)).toEqual(expected)
})
