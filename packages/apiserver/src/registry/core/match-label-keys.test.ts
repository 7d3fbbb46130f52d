import type { Pod } from '@miniplane/api'
import { expect, it } from 'vitest'
import { mergeMatchLabelKeys } from './match-label-keys.js'

const podWith = (term: object): Pod => ({
  metadata: { labels: { app: 'web', rev: '7' } },
  spec: {
    containers: [],
    affinity: {
      podAntiAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: [{ topologyKey: 'zone', ...term }],
      },
    },
  },
  status: {},
})

const selector = { matchLabels: { app: 'web' } }

it.each([
  {
    term: { labelSelector: selector, matchLabelKeys: ['rev', 'none'] },
    merged: [{ key: 'rev', operator: 'In', values: ['7'] }],
  },
  {
    term: { labelSelector: selector, mismatchLabelKeys: ['rev'] },
    merged: [{ key: 'rev', operator: 'NotIn', values: ['7'] }],
  },
  { term: { labelSelector: selector, matchLabelKeys: ['none'] }, merged: undefined },
  { term: { matchLabelKeys: ['rev'] }, merged: undefined },
])('$term → $merged', ({ term, merged }) => {
  const pod = podWith(structuredClone(term))
  mergeMatchLabelKeys(pod)
  const affinity = pod.spec.affinity?.podAntiAffinity
  const [first] = affinity?.requiredDuringSchedulingIgnoredDuringExecution ?? []
  expect(first?.labelSelector?.matchExpressions).toEqual(merged)
})

it('merges into spread constraints too', () => {
  const pod = podWith({})
  pod.spec.topologySpreadConstraints = [
    {
      maxSkew: 1,
      topologyKey: 'zone',
      whenUnsatisfiable: 'DoNotSchedule',
      labelSelector: {},
      matchLabelKeys: ['rev'],
    },
  ]
  mergeMatchLabelKeys(pod)
  expect(pod.spec.topologySpreadConstraints[0]?.labelSelector?.matchExpressions).toEqual([
    { key: 'rev', operator: 'In', values: ['7'] },
  ])
})
