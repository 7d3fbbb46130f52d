import type { Pod } from '@miniplane/api'
import { describe, expect, it } from 'vitest'
import { daemonSet, node } from './daemons.fixture.js'
import { placementOn } from './placement.js'
import { daemonTolerations, podForNode, targetNodeOf } from './pod-template.js'

describe('podForNode', () => {
  it('names its one node in place of those that the template asks for', () => {
    const wish = { key: 'zone', operator: 'In', values: ['a'] }
    const required = { nodeSelectorTerms: [{ matchExpressions: [wish] }] }
    const preferred = [{ weight: 1, preference: { matchExpressions: [wish] } }]
    const affinity = {
      nodeAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: required,
        preferredDuringSchedulingIgnoredDuringExecution: preferred,
      },
    }
    const pod = podForNode(daemonSet(undefined, { affinity }), 'h1', 'n7')
    expect(pod.spec.affinity?.nodeAffinity).toEqual({
      requiredDuringSchedulingIgnoredDuringExecution: {
        nodeSelectorTerms: [
          { matchFields: [{ key: 'metadata.name', operator: 'In', values: ['n7'] }] },
        ],
      },
      preferredDuringSchedulingIgnoredDuringExecution: preferred,
    })
    expect(targetNodeOf(pod)).toBe('n7')
    expect(pod.metadata).toMatchObject({
      generateName: 'agent-',
      labels: { app: 'agent', 'controller-revision-hash': 'h1' },
    })
  })

  it('carries the number of its template, as older clients look for it', () => {
    const set = daemonSet()
    set.metadata.annotations = { 'deprecated.daemonset.template.generation': '3' }
    expect(podForNode(set, 'h', 'n0').metadata.labels).toMatchObject({
      'pod-template-generation': '3',
    })
  })
})

describe('daemonTolerations', () => {
  const shown = (spec: Partial<Pod['spec']>) =>
    daemonTolerations({ containers: [], ...spec }).map(({ key, effect }) => `${key} ${effect}`)

  it("adds to the template's own what every daemon bears", () => {
    expect(shown({ tolerations: [{ key: 'mine', operator: 'Exists' }] })).toEqual([
      'mine undefined',
      'node.kubernetes.io/not-ready NoExecute',
      'node.kubernetes.io/unreachable NoExecute',
      'node.kubernetes.io/disk-pressure NoSchedule',
      'node.kubernetes.io/memory-pressure NoSchedule',
      'node.kubernetes.io/pid-pressure NoSchedule',
      'node.kubernetes.io/unschedulable NoSchedule',
    ])
  })

  it("on the host's network also a network that is not there yet", () => {
    expect(shown({ hostNetwork: true })).toContain(
      'node.kubernetes.io/network-unavailable NoSchedule',
    )
  })

  it('takes the place of one that bears it for a time only', () => {
    const key = 'node.kubernetes.io/not-ready'
    const briefly = { key, operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 5 }
    const tolerations = daemonTolerations({ containers: [], tolerations: [briefly] })
    expect(tolerations.filter((each) => each.key === key)).toEqual([
      { key, operator: 'Exists', effect: 'NoExecute' },
    ])
  })
})

describe('placementOn', () => {
  it.each([
    { rule: 'any node', spec: {}, at: node('n0'), is: [true, true] },
    { rule: 'the node it names', spec: { nodeName: 'n1' }, at: node('n0'), is: [false, false] },
    {
      rule: 'nodes of its selector',
      spec: { nodeSelector: { disk: 'ssd' } },
      at: node('n0', [], { disk: 'hdd' }),
      is: [false, false],
    },
    {
      rule: 'a cordoned node',
      spec: {},
      at: node('n0', [{ key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' }]),
      is: [true, true],
    },
    {
      rule: 'kept out',
      spec: {},
      at: node('n0', [{ key: 'x', effect: 'NoSchedule' }]),
      is: [false, true],
    },
    {
      rule: 'driven out',
      spec: {},
      at: node('n0', [{ key: 'x', effect: 'NoExecute' }]),
      is: [false, false],
    },
  ])('$rule', ({ spec, at, is: [shouldRun, mayStay] }) => {
    expect(placementOn(daemonSet(undefined, spec), at)).toEqual({ shouldRun, mayStay })
  })
})
