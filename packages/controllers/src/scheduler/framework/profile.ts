import { balancedAllocation } from '../plugins/balanced-allocation.js'
import { imageLocality } from '../plugins/image-locality.js'
import { interPodAffinity } from '../plugins/inter-pod-affinity.js'
import { nodeAffinity } from '../plugins/node-affinity.js'
import { nodeName } from '../plugins/node-name.js'
import { nodePorts } from '../plugins/node-ports.js'
import { nodeResourcesFit } from '../plugins/node-resources-fit.js'
import { nodeUnschedulable } from '../plugins/node-unschedulable.js'
import { nodeVolumeLimits } from '../plugins/node-volume-limits.js'
import { podTopologySpread } from '../plugins/pod-topology-spread.js'
import { taintToleration } from '../plugins/taint-toleration.js'
import { volumeBinding } from '../plugins/volume-binding.js'
import { volumeRestrictions } from '../plugins/volume-restrictions.js'
import { volumeZone } from '../plugins/volume-zone.js'
import type { FilterPlugin, ScorePlugin } from './plugin.js'

export interface Profile {
  /** In this order; a node's first refusal ends its examination and is the reason that is shown. */
  readonly filters: readonly FilterPlugin[]
  readonly scorers: readonly ScorePlugin[]
}

export const defaultProfile: Profile = {
  filters: [
    nodeUnschedulable,
    nodeName,
    taintToleration,
    nodeAffinity,
    nodePorts,
    nodeResourcesFit,
    volumeRestrictions,
    nodeVolumeLimits,
    volumeBinding,
    volumeZone,
    podTopologySpread,
    interPodAffinity,
  ],
  scorers: [
    taintToleration,
    nodeAffinity,
    nodeResourcesFit,
    podTopologySpread,
    interPodAffinity,
    balancedAllocation,
    imageLocality,
  ],
}
