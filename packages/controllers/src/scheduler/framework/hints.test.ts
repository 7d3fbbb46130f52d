import type { Pod, PodAffinityTerm } from '@miniplane/api'
import { describe, expect, it } from 'vitest'
import { clusterOf, infoOf, type NodeGiven, nodeOf, type PodGiven } from '../cluster.suite.js'
import { interPodAffinity } from '../plugins/inter-pod-affinity.js'
import { nodeAffinity } from '../plugins/node-affinity.js'
import { nodeResourcesFit } from '../plugins/node-resources-fit.js'
import { taintToleration } from '../plugins/taint-toleration.js'
import type { FilterPlugin } from './plugin.js'

const disk = { spec: { nodeSelector: { disk: 'ssd' } } }
const tainted = { taints: [{ key: 'a', effect: 'NoSchedule' }] }

describe('a node that changes', () => {
  it.each<[string, FilterPlugin, PodGiven, NodeGiven, boolean]>([
    ['gets the label that is asked for', nodeAffinity, disk, { labels: { disk: 'ssd' } }, true],
    ['gets another label', nodeAffinity, disk, { labels: { zone: 'a' } }, false],
    ['loses its taint', taintToleration, {}, {}, true],
    ['is still tainted', taintToleration, {}, tainted, false],
    ['is large enough', nodeResourcesFit, { cpu: '2' }, {}, true],
    ['is too small', nodeResourcesFit, { cpu: '9' }, {}, false],
  ])('and %s', (_, plugin, pod, given, helps) => {
    const cluster = clusterOf([nodeOf('n', given)])
    const node = cluster.nodes[0]
    expect(plugin.mayHelp?.(infoOf('p', pod), node ? { node } : {}, cluster)).toBe(helps)
  })
})

describe('another Pod', () => {
  const term: PodAffinityTerm = {
    topologyKey: 'kubernetes.io/hostname',
    labelSelector: { matchLabels: { app: 'web' } },
  }
  const required = { requiredDuringSchedulingIgnoredDuringExecution: [term] }
  const near = { spec: { affinity: { podAffinity: required } } as Partial<Pod['spec']> }
  const far = { spec: { affinity: { podAntiAffinity: required } } as Partial<Pod['spec']> }
  const web = { labels: { app: 'web' } }
  const db = { labels: { app: 'db' } }

  it.each<[string, PodGiven, PodGiven, boolean, boolean]>([
    ['that is wanted near comes', near, web, false, true],
    ['that nobody asked for comes', near, db, false, false],
    ['that is wanted far comes', far, web, false, false],
    ['that is wanted far goes', far, web, true, true],
    ['that nobody minds goes', far, db, true, false],
    ['that wanted to be far goes', web, far, true, true],
  ])('%s', (_, pod, other, isLess, helps) => {
    const cluster = clusterOf([nodeOf('n')])
    const changed = { pod: infoOf('other', other), isLess }
    expect(interPodAffinity.mayHelp?.(infoOf('p', pod), changed, cluster)).toBe(helps)
  })
})
