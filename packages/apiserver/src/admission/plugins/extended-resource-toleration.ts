import type { Pod } from '@miniplane/api'
import { isExtendedResource } from '../../registry/validation/resources.js'
import type { AdmissionPlugin } from '../admission.js'
import { objectAs, only } from './request-kinds.js'

/** Nodes with devices are kept free by a taint of the device's name: who asks for it may go there. */
export const extendedResourceToleration: AdmissionPlugin = {
  name: 'ExtendedResourceToleration',
  handles: only('', 'pods', 'CREATE', 'UPDATE'),
  admit(request) {
    const { spec } = objectAs<Pod>(request)
    const containers = [...(spec.containers ?? []), ...(spec.initContainers ?? [])]
    const names = new Set(containers.flatMap((one) => Object.keys(one.resources?.requests ?? {})))
    for (const key of [...names].filter(isExtendedResource).sort()) {
      const has = spec.tolerations?.some((one) => one.key === key && one.operator === 'Exists')
      if (!has) spec.tolerations = [...(spec.tolerations ?? []), { key, operator: 'Exists' }]
    }
  },
}
