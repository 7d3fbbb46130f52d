import type { FlowSchema, KubeObject } from '@miniplane/api'
import { beforeEach, expect, it } from 'vitest'
import { requestInfoOf } from '../pipeline/request-info.js'
import type { UserInfo } from '../pipeline/stage.js'
import { FlowClassifier } from './flow-classifier.js'

type Rule = NonNullable<NonNullable<FlowSchema['spec']>['rules']>[number]

const EVERYTHING: Pick<Rule, 'resourceRules' | 'nonResourceRules'> = {
  resourceRules: [
    {
      ...{ verbs: ['*'], apiGroups: ['*'], resources: ['*'], namespaces: ['*'] },
      clusterScope: true,
    },
  ],
  nonResourceRules: [{ verbs: ['*'], nonResourceURLs: ['*'] }],
}
const group = (name: string): Rule['subjects'] => [{ kind: 'Group', group: { name } }]
const account = (namespace: string, name: string): Rule['subjects'] => [
  { kind: 'ServiceAccount', serviceAccount: { namespace, name } },
]

function schema(
  name: string,
  matchingPrecedence: number,
  level: string,
  rules: Rule[],
): FlowSchema {
  const priorityLevelConfiguration = { name: level }
  return {
    metadata: { name, uid: `${name}-uid` },
    spec: { matchingPrecedence, priorityLevelConfiguration, rules },
  } as FlowSchema
}

const level = (name: string): KubeObject => ({ metadata: { name, uid: `${name}-uid` } })

let flows: FlowClassifier

beforeEach(() => {
  flows = new FlowClassifier()
  for (const name of ['exempt', 'low', 'high']) flows.levels.put(level(name))
  const leases = {
    ...{ verbs: ['get', 'update'], apiGroups: ['coordination.k8s.io'], resources: ['leases'] },
    namespaces: ['kube-system'],
  }
  for (const one of [
    schema('catch-all', 10_000, 'low', [{ subjects: group('*'), ...EVERYTHING }]),
    schema('exempt', 1, 'exempt', [{ subjects: group('system:masters'), ...EVERYTHING }]),
    schema('probes', 2, 'exempt', [
      {
        subjects: group('system:unauthenticated'),
        nonResourceRules: [{ verbs: ['get'], nonResourceURLs: ['/healthz', '/livez*'] }],
      },
    ]),
    schema('leases', 100, 'high', [
      { subjects: account('kube-system', '*'), resourceRules: [leases] },
    ]),
    schema('a', 100, 'high', [{ subjects: account('kube-system', 'one'), ...EVERYTHING }]),
    schema('homeless', 3, 'nowhere', [{ subjects: group('*'), ...EVERYTHING }]),
  ])
    flows.schemas.put(one)
})

function flowOf(user: UserInfo, url: string, method = 'GET'): string | undefined {
  const signal = new AbortController().signal
  const query = new URLSearchParams()
  const info = requestInfoOf({ method, path: url, query, headers: {}, signal })
  return flows.headersFor(user, info)?.['x-kubernetes-pf-flowschema-uid'].replace('-uid', '')
}

const LEASE = '/apis/coordination.k8s.io/v1/namespaces/kube-system/leases/x'
const NOBODY: UserInfo = { name: 'system:anonymous', groups: ['system:unauthenticated'] }
const ROOT: UserInfo = { name: 'root', groups: ['system:masters'] }
const serviceAccount = (name: string): UserInfo => ({
  name: `system:serviceaccount:kube-system:${name}`,
  groups: ['system:authenticated'],
})

it.each<[string, UserInfo, string]>([
  ['exempt', ROOT, '/api/v1/pods'],
  ['probes', NOBODY, '/healthz'],
  ['probes', NOBODY, '/livez/ping'],
  ['catch-all', NOBODY, '/healthz/ping/x/y'.replace('/healthz', '/other')],
  ['leases', serviceAccount('two'), LEASE],
  ['catch-all', serviceAccount('two'), LEASE.replace('kube-system', 'default')],
  ['catch-all', serviceAccount('two'), `${LEASE}/status`],
  ['a', serviceAccount('one'), LEASE],
])('%s takes what %o asks of %s', (expected, user, url) => {
  expect(flowOf(user, url)).toBe(expected)
})

it('counts a schema from the moment that its level is there', () => {
  expect(flowOf(NOBODY, '/api/v1/pods')).toBe('catch-all')
  flows.levels.put(level('nowhere'))
  expect(flowOf(NOBODY, '/api/v1/pods')).toBe('homeless')
  flows.schemas.remove({ metadata: { name: 'homeless' } })
  expect(flowOf(NOBODY, '/api/v1/pods')).toBe('catch-all')
})

it('says nothing before anything is known', () => {
  expect(new FlowClassifier().headersFor(ROOT, {} as never)).toBeUndefined()
})
