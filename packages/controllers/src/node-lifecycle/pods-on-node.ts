import type { KubeObject, Pod } from '@miniplane/api'
import type { Cache } from '@miniplane/client'

const BY_NODE = 'node'

/** Makes `podsOnNode` answer without a walk through all Pods. */
export function indexByNode(pods: Cache<Pod & KubeObject>): void {
  pods.addIndex(BY_NODE, ({ spec }) => (spec.nodeName ? [spec.nodeName] : []))
}

export const podsOnNode = (pods: Cache<Pod & KubeObject>, node: string): (Pod & KubeObject)[] =>
  pods.byIndex(BY_NODE, node)
