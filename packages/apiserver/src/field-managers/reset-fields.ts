import { FieldSet, type ResourceDefinition } from '@miniplane/api'

/** What the server says of every object itself: nobody owns it. */
const SYSTEM_METADATA = [
  'name',
  'namespace',
  'creationTimestamp',
  'selfLink',
  'uid',
  'clusterName',
  'generation',
  'managedFields',
  'resourceVersion',
]

const pathsOf = (...paths: readonly string[]): FieldSet =>
  FieldSet.fromPaths(
    paths.map((path) => path.split('.').map((name) => ({ kind: 'field' as const, name }))),
  )

const SYSTEM = pathsOf('apiVersion', 'kind', ...SYSTEM_METADATA.map((name) => `metadata.${name}`))

/**
 * What kinds reset beyond the rule that a writer of the object does not set its status and a
 * writer of the status sets nothing but that; by group, resource and subresource.
 */
const EXCEPTIONS: Readonly<Record<string, readonly string[]>> = {
  '/namespaces/finalize': ['status'],
  '/pods/status': ['spec', 'metadata.deletionTimestamp', 'metadata.ownerReferences'],
  'admissionregistration.k8s.io/validatingadmissionpolicies/status': ['spec', 'metadata'],
  'apiextensions.k8s.io/customresourcedefinitions/status': ['spec', 'metadata'],
  'apiregistration.k8s.io/apiservices/status': ['spec', 'metadata'],
  'apps/deployments/status': ['spec', 'metadata.labels'],
  'certificates.k8s.io/certificatesigningrequests/': ['spec', 'status'],
  'certificates.k8s.io/certificatesigningrequests/approval': ['spec', 'status.certificate'],
  'certificates.k8s.io/certificatesigningrequests/status': ['spec', 'status.conditions'],
  'flowcontrol.apiserver.k8s.io/flowschemas/status': ['spec', 'metadata'],
  'flowcontrol.apiserver.k8s.io/prioritylevelconfigurations/status': ['spec', 'metadata'],
  'networking.k8s.io/servicecidrs/status': ['spec', 'metadata'],
  'resource.k8s.io/resourceclaims/status': ['spec', 'metadata'],
  'storage.k8s.io/volumeattachments/status': ['spec', 'metadata'],
}

/**
 * The fields that no write through this subresource (empty: the object itself) comes to own:
 * what only the server sets, and what the strategy resets whatever the client says.
 */
export function ignoredFields(
  { group, resource, subresources }: ResourceDefinition,
  subresource: string,
): FieldSet {
  return SYSTEM.union(pathsOf(...resetBy(`${group}/${resource}`, subresources, subresource)))
}

function resetBy(
  name: string,
  subresources: ResourceDefinition['subresources'],
  subresource: string,
): readonly string[] {
  const own = EXCEPTIONS[`${name}/${subresource}`]
  if (own) return own
  if (subresource === 'status') return ['spec']
  return subresource === '' && subresources.has('status') ? ['status'] : []
}

/** For kinds that travel through a subresource without being stored: a Scale, a TokenRequest. */
export const ignoredOfView: FieldSet = SYSTEM
