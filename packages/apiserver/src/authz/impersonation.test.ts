import { isStatusError } from '@miniplane/api'
import { describe, expect, test } from 'vitest'
import type { UserInfo } from '../pipeline/stage.js'
import { ABSTAIN, type AccessAttributes, ALLOW, type Authorizer, NO_RULES } from './authorizer.js'
import { impersonated } from './impersonation.js'

const LIST_PODS: AccessAttributes = {
  isResource: true,
  verb: 'list',
  path: '',
  group: '',
  namespace: 'ns',
  resource: 'pods',
  subresource: '',
  name: '',
}
const AUTH = 'authentication.k8s.io'

/** Rights as `verb group/resource[/subresource]:name`. */
function having(rights: readonly string[]): Authorizer {
  const textOf = (access: AccessAttributes) => {
    const { verb, group, resource, subresource, namespace, name } = access
    const what = [group, resource, subresource].filter(Boolean).join('/')
    const object = resource === 'serviceaccounts' ? `${namespace}/${name}` : name
    return `${verb} ${what}${object && `:${object}`}`
  }
  return {
    authorize: (_, access) => (rights.includes(textOf(access)) ? ALLOW : ABSTAIN),
    rulesFor: () => NO_RULES,
  }
}

const user = (name: string, more: Partial<UserInfo> = {}): UserInfo => ({
  name,
  groups: [],
  ...more,
})

/** The groups of the user that the request goes on as, or what is refused. */
function outcome(rights: readonly string[], wanted: UserInfo, requestor = user('jane')) {
  try {
    return impersonated(having(rights), { requestor, wanted, access: LIST_PODS }).groups
  } catch (error) {
    if (!isStatusError(error)) throw error
    return error.message.replace(/^.* cannot /, '').replace(/ in API group .*/, '')
  }
}

const ON = (mode: string) => `impersonate-on:${mode}:list pods`

describe('whom a request goes on as', () => {
  test.each<[about: string, rights: string[], wanted: UserInfo, expected: string[] | string]>([
    ['without any right', [], user('bob'), 'impersonate-on:user-info:list resource "pods"'],
    [
      'the old right, for every request',
      ['impersonate users:bob'],
      user('bob'),
      ['system:authenticated'],
    ],
    [
      'the new right, for this verb',
      [ON('user-info'), `impersonate:user-info ${AUTH}/users:bob`],
      user('bob'),
      ['system:authenticated'],
    ],
    [
      'the verb without the user',
      [ON('user-info')],
      user('bob'),
      'impersonate:user-info resource "users"',
    ],
    [
      'a group as well',
      ['impersonate users:bob'],
      user('bob', { groups: ['devs'] }),
      'impersonate-on:user-info:list resource "pods"',
    ],
    [
      'a group that is allowed',
      ['impersonate users:bob', 'impersonate groups:devs'],
      user('bob', { groups: ['devs'] }),
      ['devs', 'system:authenticated'],
    ],
    [
      'a uid',
      ['impersonate users:bob', `impersonate ${AUTH}/uids:7`],
      user('bob', { uid: '7' }),
      ['system:authenticated'],
    ],
    [
      'an extra value',
      ['impersonate users:bob', `impersonate ${AUTH}/userextras/scopes:view`],
      user('bob', { extra: { scopes: ['view'] } }),
      ['system:authenticated'],
    ],
    [
      'a service account has its groups',
      ['impersonate serviceaccounts:ns/robot'],
      user('system:serviceaccount:ns:robot'),
      ['system:serviceaccounts', 'system:serviceaccounts:ns', 'system:authenticated'],
    ],
    [
      'one by the new right',
      [ON('serviceaccount'), `impersonate:serviceaccount ${AUTH}/serviceaccounts:ns/robot`],
      user('system:serviceaccount:ns:robot'),
      ['system:serviceaccounts', 'system:serviceaccounts:ns', 'system:authenticated'],
    ],
    [
      'a service account is not any user',
      [ON('user-info'), `impersonate:user-info ${AUTH}/users:system:serviceaccount:ns:robot`],
      user('system:serviceaccount:ns:robot'),
      'impersonate-on:serviceaccount:list resource "pods"',
    ],
    [
      'a node by the new right',
      [ON('arbitrary-node'), `impersonate:arbitrary-node ${AUTH}/nodes:n1`],
      user('system:node:n1'),
      ['system:nodes', 'system:authenticated'],
    ],
    [
      'a node by the old one is a user',
      ['impersonate users:system:node:n1'],
      user('system:node:n1'),
      ['system:authenticated'],
    ],
    [
      'nobody',
      ['impersonate users:system:anonymous'],
      user('system:anonymous'),
      ['system:unauthenticated'],
    ],
    [
      'admins only by the old right',
      [
        ON('user-info'),
        `impersonate:user-info ${AUTH}/users:bob`,
        `impersonate:user-info ${AUTH}/groups:system:masters`,
      ],
      user('bob', { groups: ['system:masters'] }),
      'impersonate:user-info resource "groups"',
    ],
  ])('%s', (_, rights, wanted, expected) => {
    expect(outcome(rights, wanted)).toEqual(expected)
  })

  test('a Pod may act as the node that it runs on, and as no other', () => {
    const agent = user('system:serviceaccount:kube-system:agent', {
      extra: { 'authentication.kubernetes.io/node-name': ['n1'] },
    })
    const rights = [ON('associated-node'), `impersonate:associated-node ${AUTH}/nodes:*`]
    const groups = ['system:nodes', 'system:authenticated']
    expect(outcome(rights, user('system:node:n1'), agent)).toEqual(groups)
    expect(outcome(rights, user('system:node:n2'), agent)).toBe(
      'impersonate-on:arbitrary-node:list resource "pods"',
    )
  })
})
