/** Kinds of changes after which a Pod that fits nowhere may fit somewhere. */
export type ClusterEvent =
  | 'node/added'
  | 'node/allocatable'
  | 'node/labels'
  | 'node/taints'
  /** A Pod appeared on a node. */
  | 'pod/assigned'
  /** A Pod on a node got other labels. */
  | 'pod/labels'
  /** A Pod on a node asks for less. */
  | 'pod/resources'
  | 'pod/removed'
  | 'claim/changed'
  | 'volume/changed'
  | 'storage-class/added'
  | 'csi-node/changed'
  | 'namespace/labels'

/** Changes of the waiting Pod itself that can make it fit. */
export type PodEvent = 'self/labels' | 'self/resources' | 'self/tolerations' | 'self/gates'
