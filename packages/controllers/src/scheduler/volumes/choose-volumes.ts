import type {
  Node,
  PersistentVolume,
  PersistentVolumeClaim,
  StorageClass,
  TopologySelectorTerm,
} from '@miniplane/api'
import { bestVolume } from '../../persistent-volume/match.js'
import { matchesAnyTerm } from '../plugins/node-selector.js'
import type { ClusterView } from '../snapshot/cluster-view.js'

/** Where the claims of a Pod get their volumes if it runs on a certain node. */
export interface VolumeChoice {
  readonly bind: readonly {
    readonly claim: PersistentVolumeClaim
    readonly volume: PersistentVolume
  }[]
  /** A volume has to be made there. */
  readonly provision: readonly PersistentVolumeClaim[]
}

export const SELECTED_NODE = 'volume.kubernetes.io/selected-node'
const NO_PROVISIONER = 'kubernetes.io/no-provisioner'

/** Undefined: the node can't give them volumes. A volume that is there goes before a new one. */
export function chooseVolumes(
  claims: readonly PersistentVolumeClaim[],
  node: Node,
  cluster: ClusterView,
): VolumeChoice | undefined {
  const { name } = node.metadata
  const bind: { claim: PersistentVolumeClaim; volume: PersistentVolume }[] = []
  const provision: PersistentVolumeClaim[] = []
  for (const claim of claims) {
    const selected = claim.metadata.annotations?.[SELECTED_NODE]
    if (selected !== undefined && selected !== name) return undefined
    const taken = new Set(bind.map(({ volume }) => volume))
    const candidates = cluster
      .volumes()
      .filter((volume) => !taken.has(volume) && isReachable(volume, node))
    const volume = selected === undefined ? bestVolume(claim, candidates) : undefined
    if (volume) bind.push({ claim, volume })
    else if (isProvisionable(cluster.storageClass(claim.spec.storageClassName ?? ''), node))
      provision.push(claim)
    else return undefined
  }
  return { bind, provision }
}

export function isReachable({ spec }: PersistentVolume, node: Node): boolean {
  const required = spec.nodeAffinity?.required
  return required === undefined || matchesAnyTerm(required.nodeSelectorTerms ?? [], node)
}

function isProvisionable(storageClass: StorageClass | undefined, node: Node): boolean {
  const { provisioner = '', allowedTopologies = [] } = storageClass ?? {}
  if (provisioner === '' || provisioner === NO_PROVISIONER) return false
  return allowedTopologies.length === 0 || allowedTopologies.some((term) => isIn(term, node))
}

const isIn = ({ matchLabelExpressions = [] }: TopologySelectorTerm, { metadata }: Node): boolean =>
  matchLabelExpressions.every(({ key, values }) => values.includes(metadata.labels?.[key] ?? ''))
