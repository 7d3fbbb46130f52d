import type { FieldError, KubeObject, ResourceDefinition } from '@miniplane/api'
import { validateManagedFields } from '../../field-managers/validation.js'
import type { NameRule } from '../validation/names.js'
import { pathSegmentName } from '../validation/names.js'
import {
  validateFinalizerOwners,
  validateObjectMeta,
  validateObjectMetaUpdate,
} from '../validation/object-meta.js'

/**
 * What a kind's own rules say of the metadata, beside what the registry says itself: of what has
 * changed, or of the whole; with or without looking at who stands for a finalizer. The real server
 * lists each fault once a look, and its clients see how often.
 */
interface Looks {
  readonly atChange: boolean
  readonly atWhole: boolean
  readonly atFinalizers: boolean
}

const USUAL: Looks = { atChange: true, atWhole: false, atFinalizers: true }
const THOROUGH: Looks = { atChange: true, atWhole: true, atFinalizers: true }
const WHOLE: Looks = { atChange: false, atWhole: true, atFinalizers: true }
const NONE: Looks = { atChange: false, atWhole: false, atFinalizers: false }
const PLAIN: Looks = { atChange: true, atWhole: false, atFinalizers: false }
const PLAIN_WHOLE: Looks = { atChange: false, atWhole: true, atFinalizers: false }
const PLAIN_THOROUGH: Looks = { atChange: true, atWhole: true, atFinalizers: false }

const UNUSUAL: ReadonlyMap<string, Looks> = new Map([
  ...[
    ...['/configmaps', '/endpoints', '/namespaces', '/nodes', '/persistentvolumeclaims'],
    ...['/pods', '/secrets', '/serviceaccounts'],
    ...['apps/controllerrevisions', 'batch/jobs'],
    ...['networking.k8s.io/ingressclasses', 'networking.k8s.io/ingresses'],
    'networking.k8s.io/ipaddresses',
    ...['rbac.authorization.k8s.io/clusterrolebindings', 'rbac.authorization.k8s.io/clusterroles'],
    ...['rbac.authorization.k8s.io/rolebindings', 'rbac.authorization.k8s.io/roles'],
    ...['resource.k8s.io/deviceclasses', 'resource.k8s.io/resourceclaims'],
    ...['resource.k8s.io/resourceclaimtemplates', 'storage.k8s.io/csistoragecapacities'],
    ...['storage.k8s.io/storageclasses', 'storage.k8s.io/volumeattributesclasses'],
  ].map((name) => [name, THOROUGH] as const),
  ...[
    'admissionregistration.k8s.io/mutatingadmissionpolicies',
    'admissionregistration.k8s.io/mutatingadmissionpolicybindings',
    'admissionregistration.k8s.io/mutatingwebhookconfigurations',
    'admissionregistration.k8s.io/validatingadmissionpolicies',
    'admissionregistration.k8s.io/validatingadmissionpolicybindings',
    'admissionregistration.k8s.io/validatingwebhookconfigurations',
  ].map((name) => [name, PLAIN_WHOLE] as const),
  ['coordination.k8s.io/leases', PLAIN],
  ...['/events', 'policy/poddisruptionbudgets'].map((name) => [name, NONE] as const),
  ...[
    ...['/limitranges', '/persistentvolumes', 'discovery.k8s.io/endpointslices'],
    'flowcontrol.apiserver.k8s.io/flowschemas',
    'flowcontrol.apiserver.k8s.io/prioritylevelconfigurations',
    ...['storage.k8s.io/csinodes', 'storage.k8s.io/volumeattachments'],
  ].map((name) => [name, WHOLE] as const),
  ...['apiregistration.k8s.io/apiservices', 'node.k8s.io/runtimeclasses'].map(
    (name) => [name, PLAIN_THOROUGH] as const,
  ),
])

/** Kinds whose status is looked at by the registry alone. */
const STATUS_ALONE = new Set(['batch/cronjobs', 'policy/poddisruptionbudgets'])

function looksOf({ group, resource }: ResourceDefinition, isSubresource: boolean): Looks {
  const name = `${group}/${resource}`
  if (isSubresource) return STATUS_ALONE.has(name) ? NONE : USUAL
  return UNUSUAL.get(name) ?? USUAL
}

/** What is wrong with a new object's metadata. */
export function newMetadataErrors(
  definition: ResourceDefinition,
  { metadata }: KubeObject,
  nameRule: NameRule,
): FieldError[] {
  const errors = [
    ...validateObjectMeta(metadata, definition.namespaced, nameRule),
    ...validateManagedFields(metadata.managedFields ?? []),
  ]
  const { atFinalizers } = looksOf(definition, false)
  return atFinalizers && metadata.finalizers
    ? [...errors, ...validateFinalizerOwners(metadata)]
    : errors
}

/** What of an object's metadata is looked at again when it is compared with what it was. */
const COMPARED = /^metadata\.(labels|annotations|ownerReferences|managedFields)/

/** What is wrong with changed metadata, as often as the real server says it. */
export function changedMetadataErrors(
  definition: ResourceDefinition,
  { metadata }: KubeObject,
  stored: KubeObject,
  isSubresource: boolean,
  nameRule: NameRule = pathSegmentName,
): FieldError[] {
  const isManagedAnew = metadata.managedFields !== stored.metadata.managedFields
  const managed = isManagedAnew ? validateManagedFields(metadata.managedFields ?? []) : []
  const look = (rule: NameRule) => [
    ...validateObjectMeta(metadata, definition.namespaced, rule),
    ...managed,
  ]
  const whole = look(pathSegmentName)
  const change = validateObjectMetaUpdate(metadata, stored.metadata)
  const { atChange, atWhole, atFinalizers } = looksOf(definition, isSubresource)
  const owners = atFinalizers && metadata.finalizers ? validateFinalizerOwners(metadata) : []
  // The registry looks at a name as at any; a kind as at one of its own.
  const own = atWhole && !isSubresource ? look(nameRule) : []
  if (whole.length + change.length + owners.length + own.length === 0) return whole
  change.push(...whole.filter(({ field }) => COMPARED.test(field)))
  return [
    ...whole,
    ...change,
    ...(atChange ? [...change, ...owners] : []),
    ...(atWhole ? [...own, ...owners] : []),
  ]
}
