import type { Pod } from '@miniplane/api'
import type { AdmissionPlugin, AdmissionRequest } from '../admission.js'
import { objectAs, only, refuse } from './request-kinds.js'

const ANNOTATION = 'scheduler.alpha.kubernetes.io/node-selector'

/** A namespace's annotation says on which nodes its Pods run: `zone=a,disk=ssd`. */
export const podNodeSelector: AdmissionPlugin = {
  name: 'PodNodeSelector',
  handles: only('', 'pods', 'CREATE'),
  admit(request) {
    const { spec } = objectAs<Pod>(request)
    const wanted = selectorOf(request)
    for (const [key, value] of Object.entries(wanted)) {
      const own = spec.nodeSelector?.[key]
      if (own === undefined || own === value) continue
      throw refuse(
        request,
        'pod node label selector conflicts with its namespace node label selector',
      )
    }
    if (Object.keys(wanted).length > 0) spec.nodeSelector = { ...wanted, ...spec.nodeSelector }
  },
}

function selectorOf({ context, namespace = '' }: AdmissionRequest): Record<string, string> {
  const home = context.lister.get('', 'namespaces', undefined, namespace)
  const text = home?.metadata.annotations?.[ANNOTATION] ?? ''
  const pairs = text.split(',').filter((part) => part.trim() !== '')
  return Object.fromEntries(
    pairs.map((part) => {
      const [key = '', value = ''] = part.split('=')
      return [key.trim(), value.trim()]
    }),
  )
}
