import {
  type Deployment,
  formatTime,
  type IntOrString,
  type KubeObject,
  type ReplicaSet,
} from '@miniplane/api'

/** Deployments and ReplicaSets for tables: only what a decision looks at. */
export interface DeploymentShape {
  readonly replicas: number
  readonly surge?: IntOrString
  readonly unavailable?: IntOrString
  readonly strategy?: 'RollingUpdate' | 'Recreate'
  readonly image?: string
}

export const NOW = 1_700_000_000_000

export function deployment(shape: DeploymentShape): Deployment & KubeObject {
  const { replicas, surge = '25%', unavailable = '25%', strategy = 'RollingUpdate' } = shape
  return {
    metadata: { name: 'web', namespace: 'default', uid: 'web-uid', generation: 1 },
    spec: {
      replicas,
      selector: { matchLabels: { app: 'web' } },
      template: {
        metadata: { labels: { app: 'web' } },
        spec: {
          containers: [{ name: 'web', image: shape.image ?? 'nginx:1', resources: {} }],
        },
      },
      strategy: {
        type: strategy,
        ...(strategy === 'Recreate'
          ? {}
          : { rollingUpdate: { maxSurge: surge, maxUnavailable: unavailable } }),
      },
      progressDeadlineSeconds: 600,
    },
    status: {},
  }
}

export function replicaSet(
  name: string,
  size: number,
  available = size,
  ageRank = 0,
  annotations: Record<string, string> = {},
): ReplicaSet & KubeObject {
  return {
    metadata: {
      name,
      uid: name,
      namespace: 'default',
      annotations,
      creationTimestamp: formatTime(NOW + ageRank * 1000),
    },
    spec: {
      replicas: size,
      selector: { matchLabels: { app: 'web' } },
      template: { metadata: {}, spec: { containers: [] } },
    },
    status: {
      replicas: size,
      readyReplicas: available,
      availableReplicas: available,
      terminatingReplicas: 0,
    },
  }
}
