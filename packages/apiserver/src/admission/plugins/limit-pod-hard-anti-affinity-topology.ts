import type { Pod } from '@miniplane/api'
import type { AdmissionPlugin } from '../admission.js'
import { objectAs, only, refuse } from './request-kinds.js'

const HOSTNAME = 'kubernetes.io/hostname'

/** One Pod could keep all others out of a whole zone. */
export const limitPodHardAntiAffinityTopology: AdmissionPlugin = {
  name: 'LimitPodHardAntiAffinityTopology',
  handles: only('', 'pods', 'CREATE', 'UPDATE'),
  validate(request) {
    const { podAntiAffinity } = objectAs<Pod>(request).spec.affinity ?? {}
    const terms = podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? []
    for (const { topologyKey } of terms) {
      if (topologyKey === HOSTNAME) continue
      throw refuse(
        request,
        `affinity.PodAntiAffinity.RequiredDuringScheduling has TopologyKey ${topologyKey} but only key ${HOSTNAME} is allowed`,
      )
    }
  },
}
