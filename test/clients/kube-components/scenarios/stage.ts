import type { Cluster } from '../cluster.js'
import type { Kubelets } from '../kubelet.js'
import type { Nodes } from '../nodes.js'

/** What a scenario plays on. */
export interface Stage {
  readonly cluster: Cluster
  readonly kubelets: Kubelets
  readonly nodes: Nodes
  /** Notes what is there now; `others` are objects of the cluster. */
  shot(label: string, others?: readonly (readonly [kind: string, name: string])[]): Promise<void>
  /** Notes something else. */
  note(label: string, what: unknown): void
  /** Lets time pass. */
  pass(seconds: number): Promise<void>
}

export type Scenario = (stage: Stage) => Promise<void>

const CONTAINER = { name: 'app', image: 'app:1', resources: { requests: { cpu: '100m' } } }

export const podSpec = (more: object = {}) => ({
  terminationGracePeriodSeconds: 0,
  containers: [CONTAINER],
  ...more,
})

export const template = (app: string, more: object = {}) => ({
  metadata: { labels: { app } },
  spec: podSpec(more),
})

export const selecting = (app: string) => ({ matchLabels: { app } })

export const deployment = (name: string, spec: object) => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name },
  spec: { selector: selecting(name), template: template(name), ...spec },
})

/** A template that makes other Pods of the same workload. */
export const withImage = (image: string) => ({
  spec: { template: { spec: { containers: [{ name: 'app', image }] } } },
})
