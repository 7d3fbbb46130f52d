import type { Node } from '@miniplane/api'
import type { AdmissionPlugin } from '../admission.js'
import { objectAs, only } from './request-kinds.js'

const NOT_READY = { key: 'node.kubernetes.io/not-ready', effect: 'NoSchedule' }

/** A new node gets no Pods before it says that it is ready. */
export const taintNodesByCondition: AdmissionPlugin = {
  name: 'TaintNodesByCondition',
  handles: only('', 'nodes', 'CREATE'),
  admit(request) {
    const { spec } = objectAs<Node>(request)
    const isThere = spec.taints?.some(
      ({ key, effect }) => key === NOT_READY.key && effect === NOT_READY.effect,
    )
    if (!isThere) spec.taints = [...(spec.taints ?? []), { ...NOT_READY }]
  },
}
