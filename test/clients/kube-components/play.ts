import { type Clock, isStatusError } from '@miniplane/api'
import type { Client } from '@miniplane/client'
import { Cluster, type Settle } from './cluster.js'
import { Kubelets } from './kubelet.js'
import type { Nodes } from './nodes.js'
import { accounts } from './scenarios/accounts.js'
import { clusterWide } from './scenarios/cluster-wide.js'
import { jobs } from './scenarios/jobs.js'
import { rollouts } from './scenarios/rollouts.js'
import { services } from './scenarios/services.js'
import { sets } from './scenarios/sets.js'
import type { Scenario } from './scenarios/stage.js'
import { snapshot } from './snapshot.js'

export const scenarios: Readonly<Record<string, Scenario>> = {
  ...rollouts,
  ...sets,
  ...jobs,
  ...services,
  ...accounts,
  ...clusterWide,
}

/** A control plane, whoever it is made of, and how time passes in it. */
export interface Ground {
  readonly client: Client
  readonly clock: Clock
  readonly nodes: Nodes
  readonly settle: Settle
  pass(seconds: number): Promise<void>
}

/** What was seen of a scenario, by the labels of its shots. */
export type Recording = Record<string, unknown>

export async function play(ground: Ground, name: string): Promise<Recording> {
  const scenario = scenarios[name]
  if (scenario === undefined) throw new Error(`there is no scenario ${name}`)
  const recording: Recording = {}
  const namespace = `on-${name}`
  const cluster = new Cluster(ground.client, namespace, ground.settle)
  await cluster.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } })
  await untilUsable(cluster)
  await scenario({
    cluster,
    kubelets: new Kubelets(cluster, ground.clock),
    nodes: ground.nodes,
    pass: ground.pass,
    note(label, what) {
      recording[label] = what
    },
    async shot(label, others) {
      recording[label] = await snapshot(cluster, others)
    },
  })
  return recording
}

/** Pods need the account of their namespace. */
async function untilUsable(cluster: Cluster): Promise<void> {
  for (let turn = 0; turn < 20; turn++) {
    await cluster.settle()
    try {
      await cluster.get('ServiceAccount', 'default')
      return
    } catch (error) {
      if (!isStatusError(error, 'NotFound')) throw error
    }
  }
  throw new Error(`nobody made the service account of ${cluster.namespace}`)
}
