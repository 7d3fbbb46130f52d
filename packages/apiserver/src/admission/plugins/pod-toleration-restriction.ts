import { internalError, type Pod, semanticEqual, type Toleration } from '@miniplane/api'
import { qosClassOf } from '../../registry/core/pod-resources.js'
import type { AdmissionPlugin, AdmissionRequest } from '../admission.js'
import { objectAs, only, refuse } from './request-kinds.js'

const DEFAULTS = 'scheduler.alpha.kubernetes.io/defaultTolerations'
const ALLOWED = 'scheduler.alpha.kubernetes.io/tolerationsWhitelist'
const MEMORY_PRESSURE = {
  key: 'node.kubernetes.io/memory-pressure',
  operator: 'Exists',
  effect: 'NoSchedule',
}

/** What Pods tolerate unless they say more, and what they may tolerate, by their namespace. */
export const podTolerationRestriction: AdmissionPlugin = {
  name: 'PodTolerationRestriction',
  handles: only('', 'pods', 'CREATE', 'UPDATE'),
  admit(request) {
    const { spec } = objectAs<Pod>(request)
    const added = request.operation === 'CREATE' ? tolerationsOf(request, DEFAULTS) : undefined
    // A Pod that asked for memory is not sent away from a node that is short of it.
    const isUrgent = qosClassOf({ spec }) !== 'BestEffort'
    const wanted = [...(added ?? []), ...(isUrgent ? [MEMORY_PRESSURE] : [])]
    for (const toleration of wanted) {
      if (spec.tolerations?.some((one) => semanticEqual(one, toleration))) continue
      spec.tolerations = [...(spec.tolerations ?? []), toleration]
    }
  },
  validate(request) {
    const allowed = tolerationsOf(request, ALLOWED)
    if (!allowed?.length) return
    const { tolerations = [] } = objectAs<Pod>(request).spec
    const isAllowed = (one: Toleration) => allowed.some((other) => covers(other, one))
    if (tolerations.every(isAllowed)) return
    throw refuse(
      request,
      'pod tolerations (possibly merged with namespace default tolerations) conflict with its namespace whitelist',
    )
  },
}

/** Whether whoever tolerates `one` tolerates nothing beyond `other`. */
function covers(other: Toleration, one: Toleration): boolean {
  if (other.key && other.key !== one.key) return false
  if (other.effect && other.effect !== one.effect) return false
  if (other.operator === 'Exists') return true
  return one.operator !== 'Exists' && (other.value ?? '') === (one.value ?? '')
}

function tolerationsOf(
  { context, namespace = '' }: AdmissionRequest,
  annotation: string,
): Toleration[] | undefined {
  const home = context.lister.get('', 'namespaces', undefined, namespace)
  const text = home?.metadata.annotations?.[annotation]
  if (!text) return undefined
  try {
    return JSON.parse(text) as Toleration[]
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
    throw internalError(`namespace ${namespace}: ${annotation}: ${error.message}`)
  }
}
