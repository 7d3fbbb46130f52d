import type { Container, Node, Pod, Taint } from '@miniplane/api'
import { ClusterCache } from './snapshot/cluster-cache.js'
import type { Listers } from './snapshot/cluster-view.js'
import { PodInfo } from './snapshot/pod-info.js'

/** Short forms, so that a test shows only what it is about. */

export interface NodeGiven {
  readonly labels?: Record<string, string>
  readonly taints?: Taint[]
  readonly unschedulable?: boolean
  readonly allocatable?: Record<string, string>
  readonly images?: { names: string[]; sizeBytes: number }[]
}

export const nodeOf = (name: string, given: NodeGiven = {}): Node => ({
  metadata: { name, labels: { 'kubernetes.io/hostname': name, ...given.labels } },
  spec: {
    ...(given.taints ? { taints: given.taints } : {}),
    ...(given.unschedulable ? { unschedulable: true } : {}),
  },
  status: {
    allocatable: { cpu: '4', memory: '8Gi', pods: '10', ...given.allocatable },
    ...(given.images ? { images: given.images } : {}),
    daemonEndpoints: {} as Node['status']['daemonEndpoints'],
    nodeInfo: {} as Node['status']['nodeInfo'],
  },
})

export interface PodGiven {
  readonly labels?: Record<string, string>
  readonly namespace?: string
  readonly cpu?: string
  readonly memory?: string
  readonly hostPort?: number
  readonly priority?: number
  readonly startTime?: string
  readonly spec?: Partial<Pod['spec']>
  readonly metadata?: Partial<Pod['metadata']>
  readonly status?: Partial<Pod['status']>
}

export function podOf(name: string, given: PodGiven = {}): Pod {
  const { cpu, memory, hostPort } = given
  const requests = { ...(cpu ? { cpu } : {}), ...(memory ? { memory } : {}) }
  const container: Container = {
    name: 'c',
    image: 'i',
    resources: { requests },
    ...(hostPort ? { ports: [{ containerPort: hostPort, hostPort, protocol: 'TCP' }] } : {}),
  }
  return {
    metadata: {
      name,
      namespace: given.namespace ?? 'default',
      uid: `uid-${name}`,
      labels: given.labels ?? {},
      ...given.metadata,
    },
    spec: {
      containers: [container],
      schedulerName: 'default-scheduler',
      priority: given.priority ?? 0,
      ...given.spec,
    },
    status: {
      phase: 'Pending',
      ...(given.startTime ? { startTime: given.startTime } : {}),
      ...given.status,
    },
  }
}

export const infoOf = (name: string, given: PodGiven = {}): PodInfo =>
  new PodInfo(podOf(name, given))

const NOTHING_ELSE: Listers = {
  namespaceLabels: () => ({}),
  claim: () => undefined,
  volume: () => undefined,
  volumes: () => [],
  storageClass: () => undefined,
  csiNode: () => undefined,
  siblings: () => undefined,
}

/** Nodes by name, and the Pods on them. */
export function clusterOf(
  nodes: readonly Node[],
  pods: Readonly<Record<string, readonly PodInfo[]>> = {},
  listers: Partial<Listers> = {},
): ClusterCache {
  const cluster = new ClusterCache({ ...NOTHING_ELSE, ...listers })
  for (const node of nodes) cluster.setNode(node)
  for (const [nodeName, infos] of Object.entries(pods)) {
    for (const info of infos) cluster.setPod(info, nodeName)
  }
  return cluster
}
