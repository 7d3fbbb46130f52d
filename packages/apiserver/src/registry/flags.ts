import type { Strategy } from './strategy.js'

type Flags = Pick<
  Strategy,
  'allowCreateOnUpdate' | 'allowUnconditionalUpdate' | 'returnsDeletedObject' | 'defaultPropagation'
>

const CREATE: Flags = { allowCreateOnUpdate: true }
const CONDITIONAL: Flags = { allowUnconditionalUpdate: false }
const ANSWERS_OBJECT: Flags = { returnsDeletedObject: true }

/** How the kinds differ in what they allow, by group and resource; what is not here is usual. */
export const FLAGS: Readonly<Record<string, Flags>> = {
  'admissionregistration.k8s.io/mutatingadmissionpolicies': CONDITIONAL,
  'admissionregistration.k8s.io/mutatingadmissionpolicybindings': CONDITIONAL,
  'admissionregistration.k8s.io/mutatingwebhookconfigurations': CONDITIONAL,
  'admissionregistration.k8s.io/validatingadmissionpolicies': CONDITIONAL,
  'admissionregistration.k8s.io/validatingadmissionpolicybindings': CONDITIONAL,
  'admissionregistration.k8s.io/validatingwebhookconfigurations': CONDITIONAL,
  'apiextensions.k8s.io/customresourcedefinitions': { ...CONDITIONAL, ...ANSWERS_OBJECT },
  'apiregistration.k8s.io/apiservices': CONDITIONAL,
  'coordination.k8s.io/leases': { ...CREATE, ...CONDITIONAL },
  'discovery.k8s.io/endpointslices': {},
  '/limitranges': CREATE,
  'networking.k8s.io/ipaddresses': {},
  'networking.k8s.io/servicecidrs': {},
  'node.k8s.io/runtimeclasses': CREATE,
  'policy/poddisruptionbudgets': CONDITIONAL,
  'rbac.authorization.k8s.io/clusterrolebindings': CREATE,
  'rbac.authorization.k8s.io/clusterroles': CREATE,
  'rbac.authorization.k8s.io/rolebindings': CREATE,
  'rbac.authorization.k8s.io/roles': CREATE,
  'resource.k8s.io/deviceclasses': ANSWERS_OBJECT,
  '/serviceaccounts': ANSWERS_OBJECT,
  'storage.k8s.io/csidrivers': ANSWERS_OBJECT,
  'storage.k8s.io/csinodes': ANSWERS_OBJECT,
  'storage.k8s.io/csistoragecapacities': {},
  'storage.k8s.io/storageclasses': ANSWERS_OBJECT,
  'storage.k8s.io/volumeattachments': ANSWERS_OBJECT,
  'storage.k8s.io/volumeattributesclasses': ANSWERS_OBJECT,
}
