import type { Pod, PodAffinityTerm } from '@miniplane/api'
import { describe, expect, test } from 'vitest'
import { clusterOf, infoOf, type NodeGiven, nodeOf, type PodGiven } from '../cluster.suite.js'
import type { FilterPlugin } from '../framework/plugin.js'
import type { PodInfo } from '../snapshot/pod-info.js'
import { interPodAffinity } from './inter-pod-affinity.js'
import { nodeAffinity } from './node-affinity.js'
import { nodeName } from './node-name.js'
import { nodePorts } from './node-ports.js'
import { nodeResourcesFit } from './node-resources-fit.js'
import { nodeUnschedulable } from './node-unschedulable.js'
import { podTopologySpread } from './pod-topology-spread.js'
import { taintToleration } from './taint-toleration.js'
import { verdicts } from './verdicts.fixture.js'

type Row = [
  what: string,
  pod: PodGiven,
  nodes: Record<string, NodeGiven>,
  expected: Record<string, string>,
]

function table(plugin: FilterPlugin, rows: Row[]): void {
  test.each(rows)('%s', (_, pod, nodes, expected) => {
    const cluster = clusterOf(Object.entries(nodes).map(([name, given]) => nodeOf(name, given)))
    expect(verdicts(plugin, infoOf('new', pod), cluster)).toEqual(expected)
  })
}

describe('NodeName', () => {
  table(nodeName, [
    ['no wish', {}, { a: {} }, { a: 'fits' }],
    [
      'one node',
      { spec: { nodeName: 'b' } },
      { a: {}, b: {} },
      { a: "!node(s) didn't match the requested node name", b: 'fits' },
    ],
  ])
})

describe('NodeUnschedulable', () => {
  const cordoned = '!node(s) were unschedulable'
  const key = 'node.kubernetes.io/unschedulable'
  table(nodeUnschedulable, [
    ['a cordoned node', {}, { a: { unschedulable: true }, b: {} }, { a: cordoned, b: 'fits' }],
    [
      'a Pod that tolerates it',
      { spec: { tolerations: [{ key, operator: 'Exists', effect: 'NoSchedule' }] } },
      { a: { unschedulable: true } },
      { a: 'fits' },
    ],
  ])
})

describe('TaintToleration', () => {
  const no = '!node(s) had untolerated taint(s)'
  const taint = { key: 'k', value: 'v', effect: 'NoSchedule' }
  const tolerating = (...tolerations: object[]) => ({ spec: { tolerations } })
  table(taintToleration, [
    ['a taint', {}, { a: { taints: [taint] }, b: {} }, { a: no, b: 'fits' }],
    [
      'PreferNoSchedule keeps nobody off',
      {},
      { a: { taints: [{ ...taint, effect: 'PreferNoSchedule' }] } },
      { a: 'fits' },
    ],
    ['NoExecute does', {}, { a: { taints: [{ ...taint, effect: 'NoExecute' }] } }, { a: no }],
    [
      'tolerated by value',
      tolerating({ key: 'k', value: 'v', effect: 'NoSchedule' }),
      { a: { taints: [taint] } },
      { a: 'fits' },
    ],
    [
      'another value',
      tolerating({ key: 'k', value: 'w', effect: 'NoSchedule' }),
      { a: { taints: [taint] } },
      { a: no },
    ],
    [
      'another effect',
      tolerating({ key: 'k', value: 'v', effect: 'NoExecute' }),
      { a: { taints: [taint] } },
      { a: no },
    ],
    [
      'tolerated by existence',
      tolerating({ key: 'k', operator: 'Exists' }),
      { a: { taints: [taint] } },
      { a: 'fits' },
    ],
    [
      'everything tolerated',
      tolerating({ operator: 'Exists' }),
      { a: { taints: [taint] } },
      { a: 'fits' },
    ],
    [
      'one of two tolerated',
      tolerating({ key: 'k', operator: 'Exists' }),
      { a: { taints: [taint, { key: 'l', effect: 'NoSchedule' }] } },
      { a: no },
    ],
  ])
})

describe('NodeAffinity', () => {
  const no = "!node(s) didn't match Pod's node affinity/selector"
  const required = (...nodeSelectorTerms: object[]) => ({
    spec: {
      affinity: {
        nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms } },
      },
    },
  })
  const expression = (operator: string, ...values: string[]) => ({
    matchExpressions: [{ key: 'disk', operator, values }],
  })
  const nodes = { a: { labels: { disk: 'ssd', size: '7' } }, b: { labels: { disk: 'hdd' } }, c: {} }
  const name = (...values: string[]) => ({
    matchFields: [{ key: 'metadata.name', operator: 'In', values }],
  })
  const unsatisfied = "!node(s) didn't satisfy plugin(s) [NodeAffinity]"
  table(nodeAffinity, [
    [
      'nodeSelector',
      { spec: { nodeSelector: { disk: 'ssd' } } },
      nodes,
      { a: 'fits', b: no, c: no },
    ],
    ['In', required(expression('In', 'ssd', 'hdd')), nodes, { a: 'fits', b: 'fits', c: no }],
    [
      'NotIn holds without the label, too',
      required(expression('NotIn', 'ssd')),
      nodes,
      { a: no, b: 'fits', c: 'fits' },
    ],
    ['Exists', required(expression('Exists')), nodes, { a: 'fits', b: 'fits', c: no }],
    ['DoesNotExist', required(expression('DoesNotExist')), nodes, { a: no, b: no, c: 'fits' }],
    [
      'Gt',
      required({ matchExpressions: [{ key: 'size', operator: 'Gt', values: ['6'] }] }),
      nodes,
      { a: 'fits', b: no, c: no },
    ],
    [
      'Lt',
      required({ matchExpressions: [{ key: 'size', operator: 'Lt', values: ['7'] }] }),
      nodes,
      { a: no, b: no, c: no },
    ],
    [
      'any term',
      required(expression('In', 'ssd'), expression('In', 'hdd')),
      nodes,
      { a: 'fits', b: 'fits', c: no },
    ],
    ['an empty term matches nothing', required({}), nodes, { a: no, b: no, c: no }],
    [
      'by name: the others are not even asked',
      required(name('b')),
      nodes,
      { a: unsatisfied, b: 'fits', c: unsatisfied },
    ],
    [
      'names that exclude each other',
      required({ matchFields: [...name('a').matchFields, ...name('b').matchFields] }),
      nodes,
      { '*': '!pod affinity terms conflict' },
    ],
  ])
})

describe('NodePorts', () => {
  test.each([
    ['the same port', {}, false],
    ['another port', { containerPort: 81, hostPort: 81 }, true],
    ['another protocol', { protocol: 'UDP' }, true],
    ['another address than a particular one', { hostIP: '10.0.0.2' }, true],
    ['all addresses', { hostIP: '0.0.0.0' }, false],
  ])('%s', (_, port, fits) => {
    const other = { containerPort: 80, hostPort: 80, protocol: 'TCP', hostIP: '10.0.0.1' }
    const withPort = (given: object) => ({
      spec: { containers: [{ name: 'c', resources: {}, ports: [{ ...other, ...given }] }] },
    })
    const cluster = clusterOf([nodeOf('a')], { a: [infoOf('old', withPort({}))] })
    const no = "node(s) didn't have free ports for the requested pod ports"
    expect(verdicts(nodePorts, infoOf('new', withPort(port)), cluster)).toEqual({
      a: fits ? 'fits' : no,
    })
  })
})

describe('NodeResourcesFit', () => {
  test.each<[string, PodGiven, string]>([
    ['room left', { cpu: '1' }, 'fits'],
    ['exactly what is left', { cpu: '1500m' }, 'fits'],
    ['more than is left, less than there is', { cpu: '2' }, 'Insufficient cpu'],
    ['more than there is', { cpu: '100' }, '!Insufficient cpu'],
    [
      'one too little, one too small',
      { cpu: '2', memory: '1Ti' },
      '!Insufficient cpu, Insufficient memory',
    ],
    [
      'what the node has not got',
      { spec: { containers: [{ name: 'c', resources: { requests: { 'a.b/gpu': '1' } } }] } },
      '!Insufficient a.b/gpu',
    ],
  ])('%s', (_, pod, expected) => {
    const cluster = clusterOf([nodeOf('a')], { a: [infoOf('old', { cpu: '2500m' })] })
    expect(verdicts(nodeResourcesFit, infoOf('new', pod), cluster)).toEqual({ a: expected })
  })

  test('too many Pods', () => {
    const full = nodeOf('a', { allocatable: { pods: '1' } })
    const cluster = clusterOf([full], { a: [infoOf('old')] })
    expect(verdicts(nodeResourcesFit, infoOf('new'), cluster)).toEqual({ a: 'Too many pods' })
  })

  test('init containers count one by one, sidecars with everybody', () => {
    const container = (cpu: string, restartPolicy?: string) => ({
      name: 'c',
      resources: { requests: { cpu } },
      ...(restartPolicy ? { restartPolicy } : {}),
    })
    const { requests } = infoOf('new', {
      spec: {
        initContainers: [container('1', 'Always'), container('5'), container('3')],
        containers: [container('2'), container('2')],
        overhead: { cpu: '250m' },
      },
    })
    expect(requests.get('cpu')).toBe(6_250)
  })
})

describe('InterPodAffinity', () => {
  const term = (app: string, topologyKey = 'kubernetes.io/hostname') => ({
    topologyKey,
    labelSelector: { matchLabels: { app } },
  })
  const near = (...terms: PodAffinityTerm[]): Partial<Pod['spec']> => ({
    affinity: { podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: terms } },
  })
  const far = (...terms: PodAffinityTerm[]): Partial<Pod['spec']> => ({
    affinity: { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: terms } },
  })
  const zone = (name: string) => ({ labels: { zone: name } })
  const nodes = [nodeOf('a', zone('x')), nodeOf('b', zone('x')), nodeOf('c', zone('y'))]
  const web = infoOf('web', { labels: { app: 'web' } })
  const notNear = "!node(s) didn't match pod affinity rules"
  const tooNear = "node(s) didn't match pod anti-affinity rules"
  const unwelcome = "node(s) didn't satisfy existing pods anti-affinity rules"

  test.each<[string, Partial<Pod['spec']>, Record<string, string>]>([
    ['near, by host', near(term('web')), { a: 'fits', b: notNear, c: notNear }],
    ['near, by zone', near(term('web', 'zone')), { a: 'fits', b: 'fits', c: notNear }],
    ['far, by host', far(term('web')), { a: tooNear, b: 'fits', c: 'fits' }],
    ['far, by zone', far(term('web', 'zone')), { a: tooNear, b: tooNear, c: 'fits' }],
    ['near nobody that exists', near(term('none')), { a: notNear, b: notNear, c: notNear }],
    [
      'near, in a topology that no node is in',
      near(term('web', 'rack')),
      { a: notNear, b: notNear, c: notNear },
    ],
    [
      'in another namespace',
      near({ ...term('web'), namespaces: ['other'] }),
      { a: notNear, b: notNear, c: notNear },
    ],
    [
      'in any namespace',
      near({ ...term('web'), namespaceSelector: {} }),
      { a: 'fits', b: notNear, c: notNear },
    ],
  ])('%s', (_, spec, expected) => {
    const cluster = clusterOf(nodes, { a: [web] })
    expect(verdicts(interPodAffinity, infoOf('new', { spec }), cluster)).toEqual(expected)
  })

  test('the first of a group that wants to be together may go anywhere', () => {
    const pod = infoOf('new', { labels: { app: 'group' }, spec: near(term('group')) })
    expect(verdicts(interPodAffinity, pod, clusterOf(nodes))).toEqual({
      a: 'fits',
      b: 'fits',
      c: 'fits',
    })
  })

  test('a Pod that is there keeps others away', () => {
    const loner = infoOf('loner', { spec: far(term('new', 'zone')) })
    const pod = infoOf('new', { labels: { app: 'new' } })
    expect(verdicts(interPodAffinity, pod, clusterOf(nodes, { a: [loner] }))).toEqual({
      a: unwelcome,
      b: unwelcome,
      c: 'fits',
    })
  })
})

describe('PodTopologySpread', () => {
  const spread = (given: object = {}) => ({
    labels: { app: 'web' },
    spec: {
      topologySpreadConstraints: [
        {
          maxSkew: 1,
          topologyKey: 'zone',
          whenUnsatisfiable: 'DoNotSchedule',
          labelSelector: { matchLabels: { app: 'web' } },
          ...given,
        },
      ],
    },
  })
  const zone = (name: string) => ({ labels: { zone: name } })
  const web = (name: string, given: PodGiven = {}) =>
    infoOf(name, { labels: { app: 'web' }, ...given })
  const skewed = "node(s) didn't match pod topology spread constraints"
  const unlabelled = `!${skewed} (missing required label)`
  const nodes = [nodeOf('a', zone('x')), nodeOf('b', zone('y')), nodeOf('c')]

  test.each<[string, PodGiven, readonly PodInfo[], Record<string, string>]>([
    ['nobody there yet', spread(), [], { a: 'fits', b: 'fits', c: unlabelled }],
    ['one in x', spread(), [web('1')], { a: skewed, b: 'fits', c: unlabelled }],
    [
      'one in x, skew 2',
      spread({ maxSkew: 2 }),
      [web('1')],
      { a: 'fits', b: 'fits', c: unlabelled },
    ],
    [
      'one that is going',
      spread(),
      [web('1', { metadata: { deletionTimestamp: 'now' } })],
      { a: 'fits', b: 'fits', c: unlabelled },
    ],
    [
      'one of another namespace',
      spread(),
      [web('1', { namespace: 'other' })],
      { a: 'fits', b: 'fits', c: unlabelled },
    ],
    [
      'fewer zones than wanted count as an empty one',
      spread({ minDomains: 3 }),
      [web('1')],
      { a: skewed, b: 'fits', c: unlabelled },
    ],
    [
      'a preference keeps nobody off',
      spread({ whenUnsatisfiable: 'ScheduleAnyway' }),
      [web('1')],
      { a: 'fits', b: 'fits', c: 'fits' },
    ],
  ])('%s', (_, pod, there, expected) => {
    const cluster = clusterOf(nodes, { a: there })
    expect(verdicts(podTopologySpread, infoOf('new', pod), cluster)).toEqual(expected)
  })

  test('zones that the Pod may not use are not held against it', () => {
    const pod = spread()
    const onlyX = { ...pod, spec: { ...pod.spec, nodeSelector: { zone: 'x' } } }
    const cluster = clusterOf(nodes, { a: [web('1')] })
    expect(verdicts(podTopologySpread, infoOf('new', onlyX), cluster).a).toBe('fits')
  })
})
