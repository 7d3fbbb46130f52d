import {
  type Container,
  duplicate,
  type FieldError,
  FieldPath,
  forbiddenField,
  invalidValue,
  isDns1123Label,
  isDns1123Subdomain,
  type Pod,
  type ResourceHealth,
  required,
  tooLong,
} from '@miniplane/api'
import { oneOf } from './object-meta.js'

const STATUS = FieldPath.of('status')
const ID_MAX = 2_147_483_647
const STATUS_FIELDS = [
  'containerStatuses',
  'initContainerStatuses',
  'ephemeralContainerStatuses',
] as const
const HEALTH = ['Healthy', 'Unhealthy', 'Unknown']
const HEALTH_MESSAGE_BYTES_MAX = 1024

/** What is said of resource claims is about those the Pod asked for, each once. */
export function validateClaimStatuses({ spec, status }: Pod, errors: FieldError[]): void {
  const names = new Set<string>()
  for (const [i, { name, resourceClaimName }] of (status.resourceClaimStatuses ?? []).entries()) {
    const status = STATUS.child('resourceClaimStatuses').index(i)
    const at = status.child('name')
    if (!spec.resourceClaims?.some((claim) => claim.name === name)) {
      const detail = 'must match the name of an entry in `spec.resourceClaims`'
      errors.push(invalidValue(at, name, detail))
    }
    if (names.has(name)) errors.push(duplicate(at, name))
    names.add(name)
    if (resourceClaimName === undefined) continue
    for (const fault of isDns1123Subdomain(resourceClaimName)) {
      errors.push(invalidValue(status.child('resourceClaimName'), resourceClaimName, fault))
    }
  }
}

/** What the server claimed for a Pod's extended resources is what its containers ask for. */
export function validateExtendedClaim({ spec, status }: Pod, errors: FieldError[]): void {
  const claim = status.extendedResourceClaimStatus
  if (!claim) return
  const path = STATUS.child('extendedResourceClaimStatus')
  const mappings = path.child('requestMappings')
  if (!claim.requestMappings?.length) {
    errors.push(required(mappings, 'at least one request mapping is required'))
  }
  const containers = [...(spec.initContainers ?? []), ...spec.containers]
  const seen = new Set<string>()
  for (const [i, mapping] of (claim.requestMappings ?? []).entries()) {
    const at = mappings.index(i)
    const { containerName, resourceName, requestName } = mapping
    const container = containers.findLast(({ name }) => name === containerName)
    if (!container) {
      const detail =
        'must match the name of an entry in spec.initContainers.name or spec.containers.name'
      errors.push(invalidValue(at.child('containerName'), containerName, detail))
    } else if (container.resources.requests?.[resourceName] === undefined) {
      const detail =
        'must match the extended resource name of an entry in spec.initContainers.resources.requests or spec.containers.resources.requests'
      errors.push(invalidValue(at.child('resourceName'), resourceName, detail))
    }
    for (const fault of isDns1123Label(requestName)) {
      errors.push(invalidValue(path.child('requestName'), requestName, fault))
    }
    const key = JSON.stringify([containerName, resourceName, requestName])
    if (seen.has(key)) {
      for (const field of ['containerName', 'resourceName', 'requestName'] as const) {
        errors.push(duplicate(at.child(field), mapping[field]))
      }
    }
    seen.add(key)
  }
  const name = claim.resourceClaimName
  const at = path.child('resourceClaimName')
  if (!name) errors.push(required(at, ''))
  else for (const fault of isDns1123Subdomain(name)) errors.push(invalidValue(at, name, fault))
}

/** What nodes say of devices is about those that a container asked for. */
export function validateAllocatedResources({ spec, status }: Pod, errors: FieldError[]): void {
  for (const field of STATUS_FIELDS) {
    const containers = field === 'containerStatuses' ? spec.containers : spec.initContainers
    for (const [i, { name, allocatedResourcesStatus = [] }] of (status[field] ?? []).entries()) {
      const path = STATUS.child(field).index(i).child('allocatedResourcesStatus')
      if (field === 'ephemeralContainerStatuses') {
        if (allocatedResourcesStatus.length === 0) continue
        errors.push(forbiddenField(path, 'must not be specified in container status'))
        continue
      }
      const container = containers?.find((one) => one.name === name)
      for (const [j, resource] of allocatedResourcesStatus.entries()) {
        const at = path.index(j)
        const fault = container && unasked(resource.name, container)
        if (fault) errors.push(invalidValue(at.child('name'), resource.name, fault))
        validateHealth(resource.resources ?? [], at.child('resources'), errors)
      }
    }
  }
}

/** What is wrong with a name that a container has not asked for. */
function unasked(name: string, { resources }: Container): string | undefined {
  if (!name.startsWith('claim:')) {
    if (resources.requests?.[name] !== undefined) return undefined
    return "must match one of the container's resource requests"
  }
  const claims = (resources.claims ?? []).map(
    (claim) => `claim:${claim.name}${claim.request ? `/${claim.request}` : ''}`,
  )
  if (claims.includes(name)) return undefined
  return "must match one of the container's resource claims in a format 'claim:<claimName>/<request>' or 'claim:<claimName>' if request is empty"
}

function validateHealth(
  resources: readonly ResourceHealth[],
  path: FieldPath,
  errors: FieldError[],
): void {
  const ids = new Set<string>()
  for (const [k, { resourceID, health = '', message }] of resources.entries()) {
    const at = path.index(k)
    oneOf(health, HEALTH, at.child('health'), errors)
    if (message === '') {
      errors.push(required(at.child('message'), 'must be non-empty if specified'))
    } else if (message !== undefined && Buffer.byteLength(message) > HEALTH_MESSAGE_BYTES_MAX) {
      errors.push(tooLong(at.child('message'), message, HEALTH_MESSAGE_BYTES_MAX))
    }
    if (ids.has(resourceID)) errors.push(duplicate(at.child('resourceID'), resourceID))
    ids.add(resourceID)
  }
}

/** Whom containers run as, as a node reports it. */
export function validateContainerUsers({ spec, status }: Pod, errors: FieldError[]): void {
  for (const field of STATUS_FIELDS) {
    for (const [i, { user }] of (status[field] ?? []).entries()) {
      const linux = user?.linux
      if (!linux) continue
      const at = STATUS.child(field).index(i).child('user', 'linux')
      if (spec.os?.name === 'windows') {
        errors.push(forbiddenField(at, 'cannot be set for a windows pod'))
        continue
      }
      validateId(linux.uid, at.child('uid'), errors)
      validateId(linux.gid, at.child('gid'), errors)
      for (const [j, group] of (linux.supplementalGroups ?? []).entries()) {
        validateId(group, at.child('supplementalGroups').index(j), errors)
      }
    }
  }
}

function validateId(id: number | bigint | undefined, at: FieldPath, errors: FieldError[]): void {
  if (id === undefined || (id >= 0 && id <= ID_MAX)) return
  errors.push(invalidValue(at, id, `must be between 0 and ${ID_MAX}, inclusive`))
}
