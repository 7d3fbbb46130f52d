import type { KubeObject, Pod } from '@miniplane/api'
import type { AdmissionPlugin, AdmissionRequest } from '../admission.js'
import { objectAs } from './request-kinds.js'

const LABELS = ['topology.kubernetes.io/zone', 'topology.kubernetes.io/region']

interface Binding extends KubeObject {
  readonly target?: { readonly kind?: string; readonly name?: string }
}

/** A Pod can tell the zone and region of the node that it runs on by its own labels. */
export const podTopologyLabels: AdmissionPlugin = {
  name: 'PodTopologyLabels',
  handles: (operation, { group, resource }, subresource) =>
    operation === 'CREATE' &&
    group === '' &&
    resource === 'pods' &&
    (subresource === '' || subresource === 'binding'),
  admit(request) {
    const object = objectAs<Binding>(request)
    if (request.subresource === '') labelByNode(request, object, (object as Pod).spec.nodeName)
    else if ((object.target?.kind ?? 'Node') === 'Node') {
      labelByNode(request, object, object.target?.name)
    }
  },
}

function labelByNode(
  { context }: AdmissionRequest,
  object: KubeObject,
  nodeName: string | undefined,
): void {
  if (!nodeName) return
  const node = context.lister.get('', 'nodes', undefined, nodeName)
  for (const label of LABELS) {
    const value = node?.metadata.labels?.[label]
    if (value !== undefined) object.metadata.labels = { ...object.metadata.labels, [label]: value }
  }
}
