import type { Pod } from '@miniplane/api'
import { FITS, type FilterPlugin, unschedulable } from '../framework/plugin.js'
import type { ClusterView } from '../snapshot/cluster-view.js'
import { claimUses } from '../volumes/pod-claims.js'

const TOO_MANY = unschedulable('node(s) exceed max volume count')

/** Volumes by the driver that attaches them to a node; each counts once, whoever uses it. */
type Attached = Map<string, Set<string>>

/** A driver attaches only so many volumes to a node, as its CSINode says. */
export const nodeVolumeLimits: FilterPlugin = {
  name: 'NodeVolumeLimits',
  retryOn: ['pod/removed', 'claim/changed', 'volume/changed', 'node/added', 'csi-node/changed'],
  prefilter({ pod }, cluster) {
    const wanted: Attached = new Map()
    addVolumes(wanted, pod, cluster)
    if (wanted.size === 0) return undefined
    return {
      filter(node) {
        const drivers = cluster.csiNode(node.name)?.spec.drivers ?? []
        const limited = drivers.filter(
          ({ name, allocatable }) => allocatable?.count !== undefined && wanted.has(name),
        )
        if (limited.length === 0) return FITS
        const attached: Attached = new Map()
        for (const other of node.pods.values()) addVolumes(attached, other.pod, cluster)
        const exceeds = limited.some(({ name, allocatable }) => {
          const all = new Set([...(attached.get(name) ?? []), ...(wanted.get(name) ?? [])])
          const isNew = [...(wanted.get(name) ?? [])].some((one) => !attached.get(name)?.has(one))
          return isNew && all.size > (allocatable?.count ?? 0)
        })
        return exceeds ? TOO_MANY : FITS
      },
    }
  },
}

function addVolumes(attached: Attached, pod: Pod, cluster: ClusterView): void {
  const { namespace = '' } = pod.metadata
  for (const { name } of claimUses(pod)) {
    const claim = cluster.claim(namespace, name)
    if (!claim) continue
    const { volumeName, storageClassName = '' } = claim.spec
    const csi = volumeName ? cluster.volume(volumeName)?.spec.csi : undefined
    // One that is still to be made will be its provisioner's.
    const driver = volumeName ? csi?.driver : cluster.storageClass(storageClassName)?.provisioner
    if (driver === undefined) continue
    const volumes = attached.get(driver) ?? new Set()
    attached.set(driver, volumes.add(csi?.volumeHandle ?? `${namespace}/${name}`))
  }
}
