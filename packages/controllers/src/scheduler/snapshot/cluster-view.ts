import type {
  CSINode,
  LabelMatcher,
  PersistentVolume,
  PersistentVolumeClaim,
  Pod,
  StorageClass,
} from '@miniplane/api'
import type { NodeInfo } from './node-info.js'

/** The other objects that decisions look at; each is answered from a cache. */
export interface Listers {
  namespaceLabels(namespace: string): Readonly<Record<string, string>>
  claim(namespace: string, name: string): PersistentVolumeClaim | undefined
  volume(name: string): PersistentVolume | undefined
  volumes(): readonly PersistentVolume[]
  storageClass(name: string): StorageClass | undefined
  csiNode(name: string): CSINode | undefined
  /**
   * Which Pods belong with this one, by the Services and the controller that select it;
   * `undefined` when nothing does.
   */
  siblings(pod: Pod): LabelMatcher | undefined
}

/** The cluster at one moment, as plugins see it. Nothing changes it during a cycle. */
export interface ClusterView extends Listers {
  /** Nodes that exist, in a stable order. */
  readonly nodes: readonly NodeInfo[]
  node(name: string): NodeInfo | undefined
}

/** The same cluster, but with one node as it would be. */
export function withNode(cluster: ClusterView, replaced: NodeInfo): ClusterView {
  const nodes = cluster.nodes.map((node) => (node.name === replaced.name ? replaced : node))
  return {
    nodes,
    node: (name) => (name === replaced.name ? replaced : cluster.node(name)),
    namespaceLabels: (namespace) => cluster.namespaceLabels(namespace),
    claim: (namespace, name) => cluster.claim(namespace, name),
    volume: (name) => cluster.volume(name),
    volumes: () => cluster.volumes(),
    storageClass: (name) => cluster.storageClass(name),
    csiNode: (name) => cluster.csiNode(name),
    siblings: (pod) => cluster.siblings(pod),
  }
}
