import { labelsMatcher } from '@miniplane/api'
import { describe, expect, test } from 'vitest'
import { clusterOf, infoOf, nodeOf, type PodGiven } from '../cluster.suite.js'
import type { ScorePlugin } from '../framework/plugin.js'
import type { ClusterView, Listers } from '../snapshot/cluster-view.js'
import type { PodInfo } from '../snapshot/pod-info.js'
import { balancedAllocation } from './balanced-allocation.js'
import { imageLocality } from './image-locality.js'
import { interPodAffinity } from './inter-pod-affinity.js'
import { nodeAffinity } from './node-affinity.js'
import { nodeResourcesFit } from './node-resources-fit.js'
import { podTopologySpread } from './pod-topology-spread.js'
import { taintToleration } from './taint-toleration.js'

/** Scores by node, or undefined when the plugin has no preference. */
function scores(plugin: ScorePlugin, pod: PodInfo, cluster: ClusterView) {
  const { nodes } = cluster
  const scorer = plugin.prescore(pod, cluster, nodes)
  if (!scorer) return undefined
  const values = nodes.map((node) => scorer.score(node))
  scorer.normalize?.(values, nodes)
  return Object.fromEntries(nodes.map((node, i) => [node.name, values[i]]))
}

const web = (name: string, given: PodGiven = {}) =>
  infoOf(name, { labels: { app: 'web' }, ...given })

test('LeastAllocated: the share that stays free, of cpu and memory on average', () => {
  const cluster = clusterOf([nodeOf('a'), nodeOf('b')], {
    a: [infoOf('old', { cpu: '1', memory: '2Gi' })],
  })
  const pod = infoOf('new', { cpu: '1', memory: '2Gi' })
  expect(scores(nodeResourcesFit, pod, cluster)).toEqual({ a: 50, b: 75 })
})

describe('BalancedAllocation', () => {
  const cluster = clusterOf([nodeOf('a'), nodeOf('b')], { a: [infoOf('old', { memory: '4Gi' })] })

  test('prefers like shares of cpu and memory', () => {
    expect(scores(balancedAllocation, infoOf('new', { cpu: '2' }), cluster)).toEqual({
      a: 100,
      b: 75,
    })
  })

  test('has no opinion on a Pod that asks for nothing', () => {
    expect(scores(balancedAllocation, infoOf('new'), cluster)).toBeUndefined()
  })
})

test('TaintToleration: the fewer taints to put up with, the better', () => {
  const avoid = (key: string) => ({ key, effect: 'PreferNoSchedule' })
  const nodes = [
    nodeOf('a', { taints: [avoid('x'), avoid('y')] }),
    nodeOf('b', { taints: [avoid('x')] }),
    nodeOf('c'),
  ]
  expect(scores(taintToleration, infoOf('new'), clusterOf(nodes))).toEqual({ a: 0, b: 50, c: 100 })
})

test('NodeAffinity: the sum of the weights that a node earns', () => {
  const prefer = (weight: number, value: string) => ({
    weight,
    preference: { matchExpressions: [{ key: 'disk', operator: 'In', values: [value] }] },
  })
  const preferred = [prefer(20, 'ssd'), prefer(5, 'hdd')]
  const affinity = { nodeAffinity: { preferredDuringSchedulingIgnoredDuringExecution: preferred } }
  const nodes = [
    nodeOf('a', { labels: { disk: 'ssd' } }),
    nodeOf('b', { labels: { disk: 'hdd' } }),
    nodeOf('c'),
  ]
  const pod = infoOf('new', { spec: { affinity } })
  expect(scores(nodeAffinity, pod, clusterOf(nodes))).toEqual({ a: 100, b: 25, c: 0 })
})

describe('InterPodAffinity', () => {
  const term = {
    topologyKey: 'kubernetes.io/hostname',
    labelSelector: { matchLabels: { app: 'web' } },
  }
  const preferring = (kind: 'podAffinity' | 'podAntiAffinity') => ({
    affinity: {
      [kind]: {
        preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 10, podAffinityTerm: term }],
      },
    },
  })
  const nodes = [nodeOf('a'), nodeOf('b')]

  test.each([
    ['podAffinity', { a: 100, b: 0 }],
    ['podAntiAffinity', { a: 0, b: 100 }],
  ] as const)('own preference: %s', (kind, expected) => {
    const cluster = clusterOf(nodes, { a: [web('old')] })
    expect(scores(interPodAffinity, infoOf('new', { spec: preferring(kind) }), cluster)).toEqual(
      expected,
    )
  })

  test('preference of a Pod that is there', () => {
    const cluster = clusterOf(nodes, { a: [infoOf('old', { spec: preferring('podAffinity') })] })
    expect(scores(interPodAffinity, web('new'), cluster)).toEqual({ a: 100, b: 0 })
  })

  test('nobody prefers anything', () => {
    expect(
      scores(interPodAffinity, web('new'), clusterOf(nodes, { a: [web('old')] })),
    ).toBeUndefined()
  })
})

describe('PodTopologySpread', () => {
  const siblings: Listers['siblings'] = () => labelsMatcher({ app: 'web' })

  test('by default, Pods of one workload spread over hosts', () => {
    const nodes = [nodeOf('a'), nodeOf('b'), nodeOf('c')]
    const cluster = clusterOf(nodes, { a: [web('1'), web('2')], b: [web('3')] }, { siblings })
    const result = scores(podTopologySpread, web('new'), cluster)
    expect(result?.c).toBe(100)
    expect(result?.b).toBeGreaterThan(result?.a ?? 100)
  })

  test('a Pod that belongs to nothing has no preference', () => {
    expect(scores(podTopologySpread, web('new'), clusterOf([nodeOf('a')]))).toBeUndefined()
  })

  test('a constraint of its own, over zones', () => {
    const zone = (name: string) => ({ labels: { zone: name } })
    const nodes = [
      nodeOf('a', zone('x')),
      nodeOf('b', zone('x')),
      nodeOf('c', zone('y')),
      nodeOf('d'),
    ]
    const constraint = {
      maxSkew: 1,
      topologyKey: 'zone',
      whenUnsatisfiable: 'ScheduleAnyway',
      labelSelector: { matchLabels: { app: 'web' } },
    }
    const pod = web('new', { spec: { topologySpreadConstraints: [constraint] } })
    const cluster = clusterOf(nodes, { a: [web('1')] })
    expect(scores(podTopologySpread, pod, cluster)).toEqual({ a: 0, b: 0, c: 100, d: 0 })
  })
})

describe('ImageLocality', () => {
  test('no node reports images: no preference', () => {
    expect(scores(imageLocality, infoOf('new'), clusterOf([nodeOf('a')]))).toBeUndefined()
  })

  test('a large image that is there counts', () => {
    const images = [{ names: ['i'], sizeBytes: 500 * 1024 ** 3 }]
    const result = scores(
      imageLocality,
      infoOf('new'),
      clusterOf([nodeOf('a', { images }), nodeOf('b')]),
    )
    expect(result?.a).toBeGreaterThan(result?.b ?? 100)
  })
})
