import { formatTime, type Node, type Taint } from '@miniplane/api'
import { type NodeObject, type PodObject, type PodsByNode, podsByNode } from './nodes.js'
import { type DaemonSetObject, HASH_LABEL } from './pod-template.js'

export const NOW = 1_700_000_000_000

type PodSpec = DaemonSetObject['spec']['template']['spec']
type Strategy = DaemonSetObject['spec']['updateStrategy']

export function daemonSet(
  strategy: Strategy = { type: 'RollingUpdate' },
  template: Partial<PodSpec> = {},
): DaemonSetObject {
  return {
    metadata: { name: 'agent', namespace: 'default', uid: 'set' },
    spec: {
      selector: { matchLabels: { app: 'agent' } },
      template: {
        metadata: { labels: { app: 'agent' } },
        spec: { containers: [{ name: 'c' }], ...template },
      },
      updateStrategy: strategy,
    },
    status: {
      currentNumberScheduled: 0,
      numberMisscheduled: 0,
      desiredNumberScheduled: 0,
      numberReady: 0,
    },
  } as DaemonSetObject
}

export function node(name: string, taints: Taint[] = [], labels = {}): NodeObject {
  return { metadata: { name, labels }, spec: { taints }, status: {} } as Node as NodeObject
}

/**
 * Nodes named n0, n1, … and the Pods on each, by names whose marks say what they are: `~` of an
 * earlier template, `!` not ready, `-` leaving, `x` failed, `v` succeeded, `?` not bound yet. Those
 * named first are the oldest.
 */
export function cluster(...pods: string[][]): { nodes: NodeObject[]; pods: PodsByNode } {
  const nodes = pods.map((_, index) => node(`n${index}`))
  const all = pods.flatMap((names, index) => names.map((name, age) => pod(name, `n${index}`, age)))
  return { nodes, pods: podsByNode(all) }
}

function pod(name: string, nodeName: string, younger: number): PodObject {
  const is = (mark: string) => name.includes(mark)
  const matchFields = [{ key: 'metadata.name', operator: 'In', values: [nodeName] }]
  const required = { nodeSelectorTerms: [{ matchFields }] }
  const affinity = {
    nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: required },
  }
  return {
    metadata: {
      name,
      uid: name,
      creationTimestamp: formatTime(NOW - 60_000 + younger * 1000),
      labels: { [HASH_LABEL]: is('~') ? 'old' : 'new' },
      ...(is('-') ? { deletionTimestamp: formatTime(NOW) } : {}),
    },
    spec: { containers: [], affinity, ...(is('?') ? {} : { nodeName }) },
    status: {
      phase: is('x') ? 'Failed' : is('v') ? 'Succeeded' : 'Running',
      conditions: [
        {
          type: 'Ready',
          status: is('!') || is('?') ? 'False' : 'True',
          lastTransitionTime: formatTime(NOW - 30_000),
        },
      ],
    },
  }
}

export const namesOf = (pods: readonly PodObject[]): string[] =>
  pods.map(({ metadata }) => metadata.name ?? '')
