import {
  type FieldError,
  type FieldPath,
  forbiddenField,
  invalidValue,
  isQualifiedName,
  notFoundValue,
  notSupported,
  parseQuantity,
  type ResourceRequirements,
  required,
} from '@miniplane/api'

const CONTAINER_RESOURCES = new Set(['cpu', 'memory', 'ephemeral-storage'])
const STANDARD_RESOURCES = new Set([
  ...CONTAINER_RESOURCES,
  'storage',
  'requests.cpu',
  'requests.memory',
  'requests.ephemeral-storage',
  'requests.storage',
  'limits.cpu',
  'limits.memory',
  'limits.ephemeral-storage',
  'pods',
  'resourcequotas',
  'services',
  'replicationcontrollers',
  'secrets',
  'configmaps',
  'persistentvolumeclaims',
  'services.nodeports',
  'services.loadbalancers',
])
const COUNTED_RESOURCES = new Set([
  'pods',
  'resourcequotas',
  'services',
  'replicationcontrollers',
  'secrets',
  'configmaps',
  'persistentvolumeclaims',
  'services.nodeports',
  'services.loadbalancers',
])

export const isHugePages = (name: string): boolean => name.startsWith('hugepages-')

/** Without a domain, or in Kubernetes' own. */
export const isNativeResource = (name: string): boolean =>
  !name.includes('/') || name.includes('kubernetes.io/')

/** A device plugin's resource: `example.com/gpu`. */
export const isExtendedResource = (name: string): boolean =>
  !isNativeResource(name) &&
  !name.startsWith('requests.') &&
  isQualifiedName(`requests.${name}`).length === 0

const isOvercommitAllowed = (name: string) => isNativeResource(name) && !isHugePages(name)

const isStandardResource = (name: string) =>
  STANDARD_RESOURCES.has(name) || isHugePages(name) || /^requests\.hugepages-/.test(name)

export const isStandardQuotaResource = (name: string): boolean =>
  isStandardResource(name) && name !== 'storage'

export function validateResourceName(name: string, path: FieldPath, errors: FieldError[]): boolean {
  const faults = isQualifiedName(name)
  for (const fault of faults) errors.push(invalidValue(path, name, fault))
  if (faults.length > 0) return false
  if (name.includes('/') || isStandardResource(name)) return true
  errors.push(invalidValue(path, name, 'must be a standard resource type or fully qualified'))
  return false
}

function validateContainerResourceName(name: string, path: FieldPath, errors: FieldError[]): void {
  validateResourceName(name, path, errors)
  if (!name.includes('/')) {
    if (!CONTAINER_RESOURCES.has(name) && !isHugePages(name)) {
      errors.push(invalidValue(path, name, 'must be a standard resource for containers'))
    }
  } else if (!isNativeResource(name) && !isExtendedResource(name)) {
    errors.push(invalidValue(path, name, "doesn't follow extended resource name standard"))
  }
}

/** Not negative, and whole where the resource is counted. */
export function validateResourceQuantity(
  name: string,
  quantity: string,
  path: FieldPath,
  errors: FieldError[],
): void {
  const parsed = parseQuantity(quantity)
  if (parsed.sign() < 0) {
    errors.push(invalidValue(path, quantity, 'must be greater than or equal to 0'))
  }
  if (!COUNTED_RESOURCES.has(name) && !isExtendedResource(name)) return
  if (!parsed.isInteger) {
    errors.push(invalidValue(path, parsed.toString(), 'must be an integer'))
  }
}

function validateHugePages(
  name: string,
  quantity: string,
  path: FieldPath,
  errors: FieldError[],
): void {
  const pageSize = parseQuantity(name.slice('hugepages-'.length)).value()
  const size = parseQuantity(quantity).value()
  if (pageSize > 0 && BigInt(size) % BigInt(pageSize) === 0n) return
  const detail = `${quantity} is not positive integer multiple of ${name}`
  errors.push(invalidValue(path, quantity, detail))
}

/** Rules for one container's requests and limits; `claimNames` are the Pod's resource claims. */
export function validateContainerResources(
  resources: ResourceRequirements | undefined,
  claimNames: readonly string[],
  path: FieldPath,
  errors: FieldError[],
): void {
  if (!resources) return
  const { limits = {}, requests = {} } = resources
  const names = { limits: sortedNames(limits), requests: sortedNames(requests) }
  for (const name of names.limits) {
    const at = path.child('limits').key(name)
    validateContainerResourceName(name, at, errors)
    validateResourceQuantity(name, limits[name] ?? '0', at, errors)
    if (isHugePages(name)) validateHugePages(name, limits[name] ?? '0', at, errors)
  }
  for (const name of names.requests) {
    const at = path.child('requests').key(name)
    const request = requests[name] ?? '0'
    validateContainerResourceName(name, at, errors)
    validateResourceQuantity(name, request, at, errors)
    compareWithLimit(name, request, limits[name], path, errors)
    if (isHugePages(name)) validateHugePages(name, request, at, errors)
  }
  const all = [...names.limits, ...names.requests]
  if (all.some(isHugePages) && !all.includes('cpu') && !all.includes('memory')) {
    errors.push(forbiddenField(path, 'HugePages require cpu or memory'))
  }
  validateClaimNames(resources, claimNames, path.child('claims'), errors)
}

function compareWithLimit(
  name: string,
  request: string,
  limit: string | undefined,
  path: FieldPath,
  errors: FieldError[],
): void {
  if (limit === undefined) {
    if (!isOvercommitAllowed(name)) {
      const detail = 'Limit must be set for non overcommitable resources'
      errors.push(required(path.child('limits'), detail))
    }
    return
  }
  const order = parseQuantity(request).compare(parseQuantity(limit))
  if (order !== 0 && !isOvercommitAllowed(name)) {
    const detail = `must be equal to ${name} limit of ${limit}`
    errors.push(invalidValue(path.child('requests'), request, detail))
  } else if (order > 0) {
    const detail = `must be less than or equal to ${name} limit of ${limit}`
    errors.push(invalidValue(path.child('requests'), request, detail))
  }
}

function validateClaimNames(
  { claims }: ResourceRequirements,
  known: readonly string[],
  path: FieldPath,
  errors: FieldError[],
): void {
  for (const [i, claim] of (claims ?? []).entries()) {
    if (!claim.name) errors.push(required(path.index(i).child('name'), ''))
    else if (!known.includes(claim.name)) {
      const where = 'must be one of the names in pod.spec.resourceClaims'
      const hint = known.length === 0 ? `${where} which is empty` : where
      const error = notFoundValue(path.index(i), claim.name)
      errors.push({ ...error, message: `${error.message}: ${hint}` })
    }
  }
}

const POD_LEVEL_RESOURCES = ['cpu', 'hugepages-', 'memory']

/** `spec.resources`: what a Pod asks for as a whole has to cover what its containers ask for. */
export function validatePodLevelResources(
  resources: ResourceRequirements | undefined,
  aggregated: ReadonlyMap<string, string>,
  path: FieldPath,
  errors: FieldError[],
): void {
  if (!resources) return
  const { limits = {}, requests = {} } = resources
  for (const kind of ['limits', 'requests'] as const) {
    for (const name of sortedNames(resources[kind] ?? {})) {
      if (CONTAINER_RESOURCES.has(name) && name !== 'ephemeral-storage') continue
      if (isHugePages(name)) continue
      errors.push(notSupported(path.child(kind).key(name), name, POD_LEVEL_RESOURCES))
    }
  }
  for (const name of sortedNames(requests)) {
    const request = requests[name] ?? '0'
    compareWithLimit(name, request, limits[name], path, errors)
    const sum = aggregated.get(name)
    if (sum === undefined || parseQuantity(request).compare(parseQuantity(sum)) >= 0) continue
    const detail = `must be greater than or equal to aggregate container requests of ${sum}`
    errors.push(invalidValue(path.child('requests').key(name), request, detail))
  }
}

/** The real server checks maps in no order; ours is by name, so that messages repeat. */
export const sortedNames = (map: Readonly<Record<string, unknown>>): string[] =>
  Object.keys(map).sort()
