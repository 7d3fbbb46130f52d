import { type Node, type NodeCondition, seededRandom } from '@miniplane/api'
import { nodeObject } from '../hollow-kubelet/node/node-object.js'

export const NOW = 1_700_000_000_000

/** A node as a kubelet registers it, with these conditions in place of the healthy ones. */
export function nodeWith(conditions: NodeCondition[], spec: Node['spec'] = {}): Node {
  const shape = { name: 'node-1', index: 0, capacity: { cpu: '1' }, labels: {} }
  const node = nodeObject(shape, seededRandom(1), NOW)
  return { ...node, spec, status: { ...node.status, conditions } }
}
