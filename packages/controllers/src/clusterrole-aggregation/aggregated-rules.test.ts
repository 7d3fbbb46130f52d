import type { ClusterRole, KubeObject, PolicyRule } from '@miniplane/api'
import { expect, test } from 'vitest'
import { aggregatedRules } from './aggregated-rules.js'

const may = (verb: string, resource: string): PolicyRule => ({
  verbs: [verb],
  apiGroups: [''],
  resources: [resource],
})

function role(name: string, labels: Record<string, string>, ...rules: PolicyRule[]) {
  return { kind: 'ClusterRole', metadata: { name, labels }, rules } as ClusterRole & KubeObject
}

const view = {
  ...role('view', { view: 'true' }, may('get', 'stale')),
  aggregationRule: { clusterRoleSelectors: [{ matchLabels: { view: 'true' } }] },
}

test.each([
  ['by the names of the roles, not by when they came', ['b', 'a'], ['a', 'b']],
  ['what two roles say stands once', ['a', 'a-again'], ['a']],
  ['nobody selected: nothing is left of earlier rules', [], []],
])('%s', (_, names, resources) => {
  const others = names.map((name) =>
    role(name, { view: 'true' }, may('get', name.replace('-again', ''))),
  )
  const unrelated = role('other', {}, may('*', 'everything'))
  expect(aggregatedRules(view, [view, unrelated, ...others])).toEqual(
    resources.map((resource) => may('get', resource)),
  )
})

test('several selectors add up, in their order', () => {
  const both = {
    ...view,
    aggregationRule: {
      clusterRoleSelectors: [{ matchLabels: { x: '1' } }, { matchLabels: { view: 'true' } }],
    },
  }
  const all = [role('a', { view: 'true' }, may('get', 'a')), role('z', { x: '1' }, may('get', 'z'))]
  expect(aggregatedRules(both, all)).toEqual([may('get', 'z'), may('get', 'a')])
})
