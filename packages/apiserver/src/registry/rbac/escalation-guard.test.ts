import { builtinResources, type KubeObject, type PolicyRule } from '@miniplane/api'
import { describe, expect, it, test } from 'vitest'
import type { AdmissionRequest } from '../../admission/admission.js'
import { ABSTAIN, ALLOW, NO_RULES } from '../../authz/authorizer.js'
import { Grants } from '../../authz/rbac/grants.js'
import { contextWith } from '../strategy.suite.js'
import { escalationGuard } from './escalation-guard.js'

const GROUP = 'rbac.authorization.k8s.io'
const may = (verb: string, resource: string): PolicyRule => ({
  verbs: [verb],
  apiGroups: [''],
  resources: [resource],
})
const EVERYTHING: PolicyRule = { verbs: ['*'], apiGroups: ['*'], resources: ['*'] }

/** Jane may read Pods in `ns`; there are a role to read Secrets and one for everything. */
function grants(): Grants {
  const held = new Grants()
  held.putRole({ metadata: { name: 'own', namespace: 'ns' }, rules: [may('get', 'pods')] } as never)
  held.putRole({ metadata: { name: 'secrets' }, rules: [may('get', 'secrets')] } as never)
  held.putBinding({
    metadata: { name: 'own', namespace: 'ns' },
    roleRef: { apiGroup: GROUP, kind: 'Role', name: 'own' },
    subjects: [{ kind: 'User', name: 'jane' }],
  } as never)
  return held
}

const role = (...rules: PolicyRule[]) =>
  ({ kind: 'Role', metadata: { name: 'r', namespace: 'ns' }, rules }) as unknown as KubeObject
const clusterRole = (aggregated: boolean, ...rules: PolicyRule[]) =>
  ({
    kind: 'ClusterRole',
    metadata: { name: 'r' },
    rules,
    ...(aggregated && { aggregationRule: { clusterRoleSelectors: [{}] } }),
  }) as unknown as KubeObject
const bindingTo = (kind: string, name: string) =>
  ({
    kind: 'RoleBinding',
    metadata: { name: 'b', namespace: 'ns' },
    roleRef: { apiGroup: GROUP, kind, name },
  }) as unknown as KubeObject

interface Asked {
  readonly object: KubeObject
  readonly oldObject?: KubeObject
  readonly groups?: readonly string[]
  /** As `bind clusterroles:secrets`. */
  readonly rights?: readonly string[]
}

/** The first line of the refusal, without whose it is; undefined when it is let through. */
async function refusal({ object, oldObject, groups = [], rights = [] }: Asked) {
  const definition = builtinResources().find(
    ({ kind, group }) => kind === object.kind && group === GROUP,
  )
  const authorizer = {
    authorize: (_: unknown, access: { verb: string; resource: string; name: string }) =>
      rights.includes(`${access.verb} ${access.resource}${access.name && `:${access.name}`}`)
        ? ALLOW
        : ABSTAIN,
    rulesFor: () => NO_RULES,
  }
  const guard = escalationGuard({ grants: grants() } as never, authorizer)
  const { name = '', namespace } = object.metadata
  const operation = oldObject ? 'UPDATE' : 'CREATE'
  const context = { ...contextWith(), user: { name: 'jane', groups } }
  const request = {
    operation,
    definition,
    subresource: '',
    namespace,
    name,
    object,
    oldObject,
    context,
  }
  try {
    await guard.admit?.(request as unknown as AdmissionRequest)
    return undefined
  } catch (error) {
    return (error as Error).message
      .replace(/^.* is attempting to grant /, '')
      .split('\n')
      .slice(-1)[0]
  }
}

describe('who writes a role', () => {
  test.each<[string, Asked, string | undefined]>([
    ['has all its rights', { object: role(may('get', 'pods')) }, undefined],
    [
      'lacks one',
      { object: role(may('get', 'pods'), may('list', 'pods')) },
      '{APIGroups:[""], Resources:["pods"], Verbs:["list"]}',
    ],
    ['may escalate', { object: role(EVERYTHING), rights: ['escalate roles'] }, undefined],
    [
      'may escalate another',
      { object: role(EVERYTHING), oldObject: role(), rights: ['escalate roles:x'] },
      '{APIGroups:["*"], Resources:["*"], Verbs:["*"]}',
    ],
    ['is an admin', { object: role(EVERYTHING), groups: ['system:masters'] }, undefined],
    [
      'holds the right in a namespace only',
      { object: clusterRole(false, may('get', 'pods')) },
      '{APIGroups:[""], Resources:["pods"], Verbs:["get"]}',
    ],
    [
      'lets it gather rights',
      { object: clusterRole(true) },
      'clusterroles.rbac.authorization.k8s.io "r" is forbidden: must have cluster-admin privileges to use the aggregationRule',
    ],
    [
      'takes the gathering away',
      { object: clusterRole(false), oldObject: clusterRole(true) },
      'clusterroles.rbac.authorization.k8s.io "r" is forbidden: must have cluster-admin privileges to use the aggregationRule',
    ],
  ])('%s', async (_, asked, expected) => {
    expect(await refusal(asked)).toBe(expected)
  })

  it('may take owners and finalizers from one with rights that he lacks, and no more', async () => {
    const stored = role(EVERYTHING)
    const released = { ...stored, metadata: { ...stored.metadata, finalizers: [] } }
    expect(await refusal({ object: released, oldObject: stored })).toBeUndefined()
    const labelled = { ...stored, metadata: { ...stored.metadata, labels: { a: 'b' } } }
    expect(await refusal({ object: labelled, oldObject: stored })).toContain('{APIGroups')
  })
})

describe('who binds a role', () => {
  test.each<[string, Asked, string | undefined]>([
    ['has its rights', { object: bindingTo('Role', 'own') }, undefined],
    [
      'lacks them',
      { object: bindingTo('ClusterRole', 'secrets') },
      '{APIGroups:[""], Resources:["secrets"], Verbs:["get"]}',
    ],
    [
      'may bind it',
      { object: bindingTo('ClusterRole', 'secrets'), rights: ['bind clusterroles:secrets'] },
      undefined,
    ],
    [
      'may bind another',
      { object: bindingTo('ClusterRole', 'secrets'), rights: ['bind clusterroles:x'] },
      '{APIGroups:[""], Resources:["secrets"], Verbs:["get"]}',
    ],
    [
      'names none that is there',
      { object: bindingTo('Role', 'gone') },
      'rolebindings.rbac.authorization.k8s.io "gone" not found',
    ],
    ['names nothing', { object: bindingTo('ClusterRole', '') }, 'Name parameter required.'],
    [
      'names something else',
      { object: bindingTo('Pod', 'own') },
      'unsupported role reference kind: "Pod"',
    ],
  ])('%s', async (_, asked, expected) => {
    expect(await refusal(asked)).toBe(expected)
  })
})
