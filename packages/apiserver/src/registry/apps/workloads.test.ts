import type { DaemonSet, Deployment, ReplicaSet, StatefulSet } from '@miniplane/api'
import { describe, expect, it } from 'vitest'
import { contextWith, faultsOf, updateFaultsOf } from '../strategy.suite.js'
import { daemonSets } from './daemon-sets.js'
import { deployments } from './deployments.js'
import { replicaSets } from './replica-sets.js'
import { statefulSets } from './stateful-sets.js'

const template = {
  metadata: { labels: { app: 'a' } },
  spec: { containers: [{ name: 'c', image: 'nginx:1', resources: {} }] },
}
const workload = <T>(spec: object): T =>
  ({
    metadata: { name: 'w', namespace: 'default' },
    spec: { selector: { matchLabels: { app: 'a' } }, template, ...spec },
    status: {},
  }) as T

const NO_MATCH =
  'spec.template.metadata.labels: Invalid value: {"app":"a"}: `selector` does not match template `labels`'

describe('a Deployment is refused for', () => {
  it.each<[string, object, string[]]>([
    ['no selector', { selector: null }, ['spec.selector: Required value', NO_MATCH]],
    [
      'a selector of everything',
      { selector: {} },
      ['spec.selector: Invalid value: {}: empty selector is invalid for deployment'],
    ],
    ['a selector of others', { selector: { matchLabels: { app: 'b' } } }, [NO_MATCH]],
    [
      'fewer than none',
      { replicas: -1 },
      ['spec.replicas: Invalid value: -1: must be greater than or equal to 0'],
    ],
    [
      'an unknown strategy',
      { strategy: { type: 'X' } },
      [
        'spec.strategy: Unsupported value: {"Type":"X","RollingUpdate":null}: supported values: "Recreate", "RollingUpdate"',
      ],
    ],
    [
      'no way to roll',
      { strategy: { rollingUpdate: { maxSurge: 0, maxUnavailable: '0%' } } },
      [
        'spec.strategy.rollingUpdate.maxUnavailable: Invalid value: "0%": may not be 0 when `maxSurge` is 0',
      ],
    ],
    [
      'no way to roll, in words that are no numbers',
      { strategy: { rollingUpdate: { maxSurge: 'x', maxUnavailable: 0 } } },
      [
        expect.stringMatching(/^spec.strategy.rollingUpdate.maxSurge: Invalid value: "x": a valid/),
        'spec.strategy.rollingUpdate.maxUnavailable: Invalid value: 0: may not be 0 when `maxSurge` is 0',
      ],
    ],
    [
      'a deadline that readiness can not meet',
      { progressDeadlineSeconds: 5, minReadySeconds: 5 },
      ['spec.progressDeadlineSeconds: Invalid value: 5: must be greater than minReadySeconds'],
    ],
  ])('%s', (_what, spec, faults) => {
    expect(faultsOf(deployments, workload<Deployment>(spec))).toEqual(faults)
  })
})

describe('the generation of a Deployment', () => {
  const next = (change: (draft: Deployment) => void) => {
    const stored = workload<Deployment>({ replicas: 1 })
    stored.metadata.generation = 4
    const draft = structuredClone(stored)
    change(draft)
    deployments.prepareForUpdate?.(draft, stored, contextWith())
    return draft.metadata.generation
  }
  it.each<[string, (draft: Deployment) => void, number]>([
    ['moves with the spec', (draft) => Object.assign(draft.spec, { replicas: 2 }), 5],
    [
      'moves with annotations',
      ({ metadata }) => Object.assign(metadata, { annotations: { a: 'b' } }),
      5,
    ],
    ['stays with labels', ({ metadata }) => Object.assign(metadata, { labels: { a: 'b' } }), 4],
  ])('%s', (_what, change, generation) => {
    expect(next(change)).toBe(generation)
  })
})

it('a selector stays what it is', () => {
  const other = { selector: { matchLabels: { app: 'b' } } }
  expect(
    updateFaultsOf(replicaSets, workload<ReplicaSet>(other), workload<ReplicaSet>({})),
  ).toEqual([
    NO_MATCH,
    'spec.selector: Invalid value: {"matchLabels":{"app":"b"}}: field is immutable',
  ])
})

it('only some fields of a StatefulSet change', () => {
  const stored = workload<StatefulSet>({ serviceName: 'a' })
  expect(
    updateFaultsOf(statefulSets, workload<StatefulSet>({ serviceName: 'a', replicas: 5 }), stored),
  ).toEqual([])
  const [fault] = updateFaultsOf(statefulSets, workload<StatefulSet>({ serviceName: 'b' }), stored)
  expect(fault).toMatch(/^spec: Forbidden: updates to statefulset spec for fields other than/)
})

it('the template of a DaemonSet is counted in an annotation', () => {
  const stored = workload<DaemonSet>({})
  daemonSets.prepareForCreate?.(stored, contextWith())
  const draft = structuredClone(stored)
  draft.spec.template.spec.nodeSelector = { a: 'b' }
  daemonSets.prepareForUpdate?.(draft, stored, contextWith())
  expect(draft.metadata.annotations).toEqual({ 'deprecated.daemonset.template.generation': '2' })
})

it('the count of templates stays what it is when only the status is written, and may begin high', () => {
  const stored = workload<DaemonSet>({})
  stored.metadata.annotations = { 'deprecated.daemonset.template.generation': '7' }
  daemonSets.prepareForCreate?.(stored, contextWith())
  const draft = structuredClone(stored)
  delete draft.metadata.annotations
  daemonSets.setDefaults?.(draft)
  daemonSets.subresources?.status?.prepareForUpdate?.(draft, stored, contextWith())
  expect(draft.metadata.annotations).toEqual({ 'deprecated.daemonset.template.generation': '7' })
})

it('a DaemonSet names each fault once, the selector first', () => {
  const other = { selector: { matchLabels: { app: 'b' } } }
  expect(updateFaultsOf(daemonSets, workload<DaemonSet>(other), workload<DaemonSet>({}))).toEqual([
    'spec.selector: Invalid value: {"matchLabels":{"app":"b"}}: field is immutable',
    NO_MATCH,
  ])
})

it('the claims of a StatefulSet are looked at when it is new, and its Pods have a volume for each', () => {
  const claim = { metadata: { name: 'A_' }, spec: { accessModes: ['X'], resources: {} } }
  const set = workload<StatefulSet>({ volumeClaimTemplates: [claim] })
  expect(faultsOf(statefulSets, set).map((fault) => fault.split(': ')[0])).toEqual([
    'spec.volumeClaimTemplates[0].spec.accessModes',
    'spec.volumeClaimTemplates[0].spec.resources[storage]',
    'spec.template.spec.volumes[0].name',
  ])
  // What was accepted once, under whichever rules, stays.
  expect(updateFaultsOf(statefulSets, set, set)).toEqual([])
})

it('the name of its Service is looked at in a new StatefulSet', () => {
  const set = workload<StatefulSet>({ serviceName: 'S_' })
  expect(faultsOf(statefulSets, set)[0]).toMatch(/^spec.serviceName: Invalid value: "S_"/)
  expect(updateFaultsOf(statefulSets, set, set)).toEqual([])
})

it('a DaemonSet that says one number of its strategy says both', () => {
  const set = workload<DaemonSet>({ updateStrategy: { type: 'OnDelete', rollingUpdate: {} } })
  daemonSets.setDefaults?.(set)
  expect(set.spec.updateStrategy.rollingUpdate).toEqual({ maxUnavailable: 0, maxSurge: 0 })
})

it('a template leaves it to its Pods which ports they have of the host', () => {
  const containers = [{ name: 'c', image: 'i', ports: [{ containerPort: 80 }] }]
  const made = workload<Deployment>({
    template: { ...template, spec: { hostNetwork: true, containers } },
  })
  deployments.setDefaults?.(made)
  expect(made.spec.template.spec.containers[0]?.ports).toEqual([
    { containerPort: 80, protocol: 'TCP' },
  ])
})

it.each([
  ['StatefulSet', statefulSets],
  ['DaemonSet', daemonSets],
])('a selector that is none is a fault of a %s, not of the server', (_kind, strategy) => {
  const broken = workload<Deployment>({ selector: { matchLabels: { app: '-' } } })
  const [first] = faultsOf(strategy as unknown as typeof deployments, broken)
  expect(first).toMatch(/spec\.selector\.matchLabels: Invalid value: "-": a valid label must/)
})
