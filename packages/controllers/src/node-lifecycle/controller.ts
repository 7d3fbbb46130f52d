import {
  findCondition,
  formatTime,
  type KubeObject,
  type Node,
  type NodeCondition,
} from '@miniplane/api'
import { resources } from '@miniplane/client'
import { type Controller, requeueAfter, type Work, watch } from '../manager/controller.js'
import { indexByNode, podsOnNode } from './pods-on-node.js'
import { Heartbeats, patienceMs, silentConditions } from './silence.js'
import { wantedTaints } from './taints.js'
import { markPodsNotReady } from './unready-pods.js'

type NodeObject = Node & KubeObject

const LEASE_NAMESPACE = 'kube-node-lease'

/**
 * Watches over nodes: one that is silent for too long is called Unknown, its Pods not ready, and
 * taints say so to the scheduler and to the taint eviction.
 */
export const nodeLifecycleController: Controller = {
  name: 'node-controller',

  start({ informer, clock }) {
    const nodes = informer(resources.nodes).cache
    const leases = informer(resources.leases).cache
    const pods = informer(resources.pods).cache
    indexByNode(pods)
    const heartbeats = new Heartbeats()
    const registered = new Set<string>()

    const reconcile = async (name: string, work: Work) => {
      const node = nodes.get(name)
      if (node === undefined) {
        heartbeats.forget(name)
        if (registered.delete(name)) reportRemoval(name, work)
        return undefined
      }
      if (!registered.has(name)) {
        registered.add(name)
        reportNode(node, work, 'RegisteredNode', `Registered Node ${name} in Controller`)
      }
      const nowMs = clock.now()
      const lease = leases.get(`${LEASE_NAMESPACE}/${name}`)
      const heardMs = heartbeats.observe(node, lease?.spec.renewTime, nowMs)
      const leftMs = patienceMs(node, heardMs, nowMs)
      const current = leftMs > 0 ? node : await markSilent(node, work, nowMs)
      await syncTaints(current, work, nowMs)
      if (readiness(current) !== 'True') {
        await markPodsNotReady(current, podsOnNode(pods, name), work, nowMs)
      }
      return leftMs > 0 ? requeueAfter(leftMs) : undefined
    }

    return {
      watches: [
        watch(resources.nodes, ({ object }) => [object.metadata.name ?? '']),
        watch(resources.leases, ({ object: { metadata } }) =>
          metadata.namespace === LEASE_NAMESPACE ? [metadata.name ?? ''] : [],
        ),
      ],
      reconcile,
    }
  },
}

const readiness = ({ status }: Node): string | undefined =>
  findCondition<NodeCondition>(status.conditions, 'Ready')?.status

async function markSilent(node: NodeObject, work: Work, nowMs: number): Promise<NodeObject> {
  const conditions = silentConditions(node, nowMs)
  if (conditions === node.status.conditions) return node
  const status = { ...node.status, conditions: [...conditions] }
  const updated = await work.client.of(resources.nodes).updateStatus({ ...node, status })
  if (readiness(node) === 'True') {
    const message = `Node ${node.metadata.name} status is now: NodeNotReady`
    work.event(byName(node), resources.nodes, { type: 'Normal', reason: 'NodeNotReady', message })
  }
  return updated
}

/** Fails on a conflict: taints are one list, which others write to as well. */
async function syncTaints(node: NodeObject, work: Work, nowMs: number): Promise<void> {
  const taints = wantedTaints(node, formatTime(nowMs))
  if (taints === node.spec.taints || (taints.length === 0 && !node.spec.taints)) return
  const { name = '', resourceVersion } = node.metadata
  const patch = { metadata: { resourceVersion }, spec: { taints } }
  await work.client.of(resources.nodes).patch(name, patch, { type: 'merge' })
}

function reportNode(node: NodeObject, work: Work, reason: string, what: string): void {
  const message = `Node ${node.metadata.name} event: ${what}`
  work.event(byName(node), resources.nodes, { type: 'Normal', reason, message })
}

function reportRemoval(name: string, work: Work): void {
  const message = `Node ${name} event: Removing Node ${name} from Controller`
  const node = { metadata: { name, uid: name } }
  work.event(node, resources.nodes, { type: 'Normal', reason: 'RemovingNode', message })
}

/** Events about nodes are found by name: kubelets know no uid of their node. */
const byName = (node: NodeObject): KubeObject => {
  const { name = '', uid = '' } = node.metadata
  return { metadata: { name, uid } }
}
