import type { Service } from '@miniplane/api'
import type { AdmissionPlugin, AdmissionRequest } from '../admission.js'
import { isAbout, objectAs, refuse } from './request-kinds.js'

/** An address that a Service merely claims could be anybody's; those it has it may keep. */
export const denyServiceExternalIPs: AdmissionPlugin = {
  name: 'DenyServiceExternalIPs',
  handles: (operation, definition, subresource) =>
    (operation === 'CREATE' || operation === 'UPDATE') &&
    isAbout(definition, subresource, '', 'services'),
  validate(request) {
    const known = new Set(externalIPsOf(request.oldObject))
    const { spec } = objectAs<Service>(request)
    if ((spec.externalIPs ?? []).every((address) => known.has(address))) return
    throw refuse(request, 'Use of external IPs is denied by admission control.')
  },
}

const externalIPsOf = (object: AdmissionRequest['oldObject']): readonly string[] =>
  (object as unknown as Service | undefined)?.spec.externalIPs ?? []
