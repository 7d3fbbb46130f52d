import type { KubeObject, PolicyRule, Subject } from '@miniplane/api'
import { beforeEach, describe, expect, it, test } from 'vitest'
import type { AccessAttributes } from '../authorizer.js'
import { Grants } from './grants.js'
import { RbacAuthorizer } from './rbac-authorizer.js'

const READ_PODS: PolicyRule = { verbs: ['get', 'list'], apiGroups: [''], resources: ['pods'] }

const role = (namespace: string, name: string, rules: PolicyRule[] = [READ_PODS]) =>
  ({ metadata: { name, ...(namespace && { namespace }) }, rules }) as unknown as KubeObject

function binding(namespace: string, name: string, roleName: string, ...subjects: Subject[]) {
  const kind = roleName.startsWith('cluster-') ? 'ClusterRole' : 'Role'
  return {
    metadata: { name, ...(namespace && { namespace }) },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind, name: roleName },
    subjects,
  } as unknown as KubeObject
}

const listPods = (namespace: string): AccessAttributes => ({
  isResource: true,
  verb: 'list',
  path: '',
  group: '',
  namespace,
  resource: 'pods',
  subresource: '',
  name: '',
})

const JANE = { name: 'jane', groups: ['devs', 'system:authenticated'] }
const ROBOT = { name: 'system:serviceaccount:a:robot', groups: ['system:serviceaccounts'] }
const user = (name: string): Subject => ({ kind: 'User', name })
const group = (name: string): Subject => ({ kind: 'Group', name })
const account = (name: string, namespace?: string): Subject =>
  ({ kind: 'ServiceAccount', name, ...(namespace && { namespace }) }) as Subject

let grants: Grants
let authorizer: RbacAuthorizer
beforeEach(() => {
  grants = new Grants()
  authorizer = new RbacAuthorizer(grants)
  grants.putRole(role('a', 'reader'))
  grants.putRole(role('', 'cluster-reader'))
})

describe('who holds a role where', () => {
  test.each<[string, KubeObject, typeof JANE, string, string | undefined]>([
    [
      'a user in the namespace',
      binding('a', 'b', 'reader', user('jane')),
      JANE,
      'a',
      'RBAC: allowed by RoleBinding "b/a" of Role "reader" to User "jane"',
    ],
    ['and in no other', binding('a', 'b', 'reader', user('jane')), JANE, 'b', undefined],
    ['nor in all of them', binding('a', 'b', 'reader', user('jane')), JANE, '', undefined],
    [
      'a group',
      binding('a', 'b', 'reader', group('devs')),
      JANE,
      'a',
      'RBAC: allowed by RoleBinding "b/a" of Role "reader" to Group "devs"',
    ],
    [
      'a ClusterRole in one namespace',
      binding('a', 'b', 'cluster-reader', user('jane')),
      JANE,
      'a',
      'RBAC: allowed by RoleBinding "b/a" of ClusterRole "cluster-reader" to User "jane"',
    ],
    [
      'a ClusterRole everywhere',
      binding('', 'b', 'cluster-reader', user('jane')),
      JANE,
      'x',
      'RBAC: allowed by ClusterRoleBinding "b" of ClusterRole "cluster-reader" to User "jane"',
    ],
    [
      'a service account',
      binding('a', 'b', 'reader', account('robot', 'a')),
      ROBOT,
      'a',
      'RBAC: allowed by RoleBinding "b/a" of Role "reader" to ServiceAccount "robot/a"',
    ],
    [
      'one of the binding’s own namespace',
      binding('a', 'b', 'reader', account('robot')),
      ROBOT,
      'a',
      'RBAC: allowed by RoleBinding "b/a" of Role "reader" to ServiceAccount "robot/a"',
    ],
    [
      'a namesake elsewhere',
      binding('a', 'b', 'reader', account('robot', 'z')),
      ROBOT,
      'a',
      undefined,
    ],
    ['a user is no group', binding('a', 'b', 'reader', user('devs')), JANE, 'a', undefined],
  ])('%s', (_, bound, who, namespace, reason) => {
    grants.putBinding(bound)
    const verdict = authorizer.authorize(who, listPods(namespace))
    expect(verdict.reason).toBe(reason)
    expect(verdict.decision).toBe(reason === undefined ? 'abstain' : 'allow')
  })
})

describe('what changes', () => {
  const decision = () => authorizer.authorize(JANE, listPods('a')).decision
  beforeEach(() => grants.putBinding(binding('a', 'b', 'reader', user('jane'))))

  it('a role that loses its rules, or goes, takes the right along', () => {
    expect(decision()).toBe('allow')
    grants.putRole(role('a', 'reader', []))
    expect(decision()).toBe('abstain')
    grants.removeRole(role('a', 'reader'))
    expect(authorizer.authorize(JANE, listPods('a')).reason).toBe(
      'RBAC: role.rbac.authorization.k8s.io "reader" not found',
    )
    grants.putRole(role('a', 'reader'))
    expect(decision()).toBe('allow')
  })

  it('a binding may be written before its role, and given to others', () => {
    grants.putBinding(binding('a', 'late', 'missing', user('joe')))
    const joe = { name: 'joe', groups: [] }
    expect(authorizer.authorize(joe, listPods('a')).decision).toBe('abstain')
    grants.putRole(role('a', 'missing'))
    expect(authorizer.authorize(joe, listPods('a')).decision).toBe('allow')
    grants.putBinding(binding('a', 'late', 'missing', user('jim')))
    expect(authorizer.authorize(joe, listPods('a')).decision).toBe('abstain')
  })

  it('several missing roles are named together', () => {
    grants.putBinding(binding('a', 'c', 'gone', user('jane')))
    grants.putBinding(binding('', 'd', 'cluster-gone', group('devs')))
    grants.removeBinding(binding('a', 'b', 'reader'))
    expect(authorizer.authorize(JANE, listPods('a')).reason).toBe(
      'RBAC: [clusterrole.rbac.authorization.k8s.io "cluster-gone" not found, role.rbac.authorization.k8s.io "gone" not found]',
    )
  })

  it('lists rules by the names of the bindings, those of the cluster first', () => {
    grants.putRole(role('', 'cluster-path', [{ verbs: ['get'], nonResourceURLs: ['/x'] }]))
    grants.putBinding(binding('', 'z', 'cluster-path', group('devs'), user('jane')))
    expect(authorizer.rulesFor(JANE, 'a')).toEqual({
      resourceRules: [{ ...READ_PODS, resourceNames: [] }],
      nonResourceRules: [{ verbs: ['get'], nonResourceURLs: ['/x'] }],
      incomplete: false,
      errors: [],
    })
  })
})
