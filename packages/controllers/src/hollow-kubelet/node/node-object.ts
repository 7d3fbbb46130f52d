import { formatTime, type Node, type NodeCondition, type Random, uuid } from '@miniplane/api'

/** What a hollow node claims to have. */
export interface NodeShape {
  readonly name: string
  /** Decides the node's addresses; from 0. */
  readonly index: number
  readonly capacity: Readonly<Record<string, string>>
  readonly labels: Readonly<Record<string, string>>
}

export const KUBELET_VERSION = 'v1.36.3'

/** A /24 for each node, from 10.244.0.0 on. */
export const podCidr = (index: number): string => `10.${244 + (index >> 8)}.${index & 0xff}.0/24`

export const nodeAddress = (index: number): string =>
  `172.18.${(index + 2) >> 8}.${(index + 2) & 0xff}`

/** The Node as a kubelet registers it. */
export function nodeObject(shape: NodeShape, random: Random, nowMs: number): Node {
  const { name, index, capacity, labels } = shape
  const cidr = podCidr(index)
  return {
    kind: 'Node',
    apiVersion: 'v1',
    metadata: {
      name,
      labels: {
        'beta.kubernetes.io/arch': 'amd64',
        'beta.kubernetes.io/os': 'linux',
        'kubernetes.io/arch': 'amd64',
        'kubernetes.io/hostname': name,
        'kubernetes.io/os': 'linux',
        ...labels,
      },
    },
    spec: { podCIDR: cidr, podCIDRs: [cidr] },
    status: {
      capacity: { ...capacity },
      allocatable: { ...capacity },
      conditions: healthyConditions(nowMs),
      addresses: [
        { type: 'InternalIP', address: nodeAddress(index) },
        { type: 'Hostname', address: name },
      ],
      daemonEndpoints: { kubeletEndpoint: { Port: 10250 } },
      nodeInfo: {
        machineID: uuid(random).replaceAll('-', ''),
        systemUUID: uuid(random),
        bootID: uuid(random),
        kernelVersion: '6.12.0-hollow',
        osImage: 'Miniplane hollow node',
        containerRuntimeVersion: 'containerd://2.1.4',
        kubeletVersion: KUBELET_VERSION,
        kubeProxyVersion: '',
        operatingSystem: 'linux',
        architecture: 'amd64',
      },
    },
  }
}

const HEALTHY = [
  [
    'MemoryPressure',
    'False',
    'KubeletHasSufficientMemory',
    'kubelet has sufficient memory available',
  ],
  ['DiskPressure', 'False', 'KubeletHasNoDiskPressure', 'kubelet has no disk pressure'],
  ['PIDPressure', 'False', 'KubeletHasSufficientPID', 'kubelet has sufficient PID available'],
  ['Ready', 'True', 'KubeletReady', 'kubelet is posting ready status'],
] as const

/** A heartbeat; a condition that was so before keeps the time since when. */
export function healthyConditions(
  nowMs: number,
  old: readonly NodeCondition[] = [],
): NodeCondition[] {
  const now = formatTime(nowMs)
  return HEALTHY.map(([type, status, reason, message]) => {
    const before = old.find((condition) => condition.type === type)
    const since = before?.status === status ? (before.lastTransitionTime ?? now) : now
    return { type, status, lastHeartbeatTime: now, lastTransitionTime: since, reason, message }
  })
}
