import {
  duplicate,
  type FieldError,
  type FieldPath,
  forbiddenField,
  invalidValue,
  isDns1123Label,
  isQualifiedName,
  notFoundValue,
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

/** What can be said of a Pod as a whole. */
export const isPodLevelResource = (name: string): boolean =>
  name === 'cpu' || name === 'memory' || isHugePages(name)

/** Without a domain, or in Kubernetes' own. */
export const isNativeResource = (name: string): boolean =>
  !name.includes('/') || name.includes('kubernetes.io/')

/** A device plugin's resource: `example.com/gpu`. */
export const isExtendedResource = (name: string): boolean =>
  !isNativeResource(name) &&
  !name.startsWith('requests.') &&
  isQualifiedName(`requests.${name}`).length === 0

/** Whether more may be promised than there is. */
export const isOvercommitAllowed = (name: string): boolean =>
  isNativeResource(name) && !isHugePages(name)

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

export function validateContainerResourceName(
  name: string,
  path: FieldPath,
  errors: FieldError[],
): void {
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

const NONE: Readonly<Record<string, string>> = {}

type NameRule = (name: string, path: FieldPath, errors: FieldError[]) => void

/** Rules for one container's requests and limits; `claimNames` are the Pod's resource claims. */
export function validateContainerResources(
  resources: ResourceRequirements | undefined,
  claimNames: readonly string[],
  path: FieldPath,
  errors: FieldError[],
  nameRule: NameRule = validateContainerResourceName,
): void {
  if (!resources) return
  const { limits = NONE, requests = NONE } = resources
  const limited = sortedNames(limits)
  const requested = sortedNames(requests)
  for (const name of limited) {
    const at = path.child('limits').key(name)
    nameRule(name, at, errors)
    validateResourceQuantity(name, limits[name] ?? '0', at, errors)
    if (isHugePages(name)) validateHugePages(name, limits[name] ?? '0', at, errors)
  }
  for (const name of requested) {
    const at = path.child('requests').key(name)
    const request = requests[name] ?? '0'
    nameRule(name, at, errors)
    validateResourceQuantity(name, request, at, errors)
    compareWithLimit(name, request, limits[name], path, errors)
    if (isHugePages(name)) validateHugePages(name, request, at, errors)
  }
  const has = (name: string) => limited.includes(name) || requested.includes(name)
  const hasHugePages = limited.some(isHugePages) || requested.some(isHugePages)
  if (hasHugePages && !has('cpu') && !has('memory')) {
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
  if (!claims) return
  const taken = new Set<string>()
  for (const [i, { name, request }] of claims.entries()) {
    const at = path.index(i)
    if (!name) {
      errors.push(required(at, ''))
      continue
    }
    const key = request ? `${name}/${request}` : name
    if (request) {
      for (const fault of isDns1123Label(request)) {
        errors.push(invalidValue(at.child('request'), request, fault))
      }
    }
    // A claim as a whole covers each of its requests.
    const isCovered = taken.has(name) || taken.has(key)
    const covers = !request && [...taken].some((one) => one.startsWith(`${name}/`))
    if (isCovered || covers) errors.push(duplicate(at, taken.has(name) ? name : key))
    taken.add(key)
    if (known.includes(name)) continue
    const where = 'must be one of the names in pod.spec.resourceClaims'
    const names = [...known].sort().join(', ')
    const hint = known.length === 0 ? `${where} which is empty` : `${where}: ${names}`
    const error = notFoundValue(at, name)
    errors.push({ ...error, message: `${error.message}: ${hint}` })
  }
}

/** The real server checks maps in no order; ours is by name, so that messages repeat. */
export function sortedNames(map: Readonly<Record<string, unknown>>): string[] {
  const names = Object.keys(map)
  return isSorted(names) ? names : names.sort()
}

/** Decoding sorts them, and to sort once more is dearer than to look. */
function isSorted(names: readonly string[]): boolean {
  for (let i = 1; i < names.length; i++) {
    if ((names[i - 1] as string) > (names[i] as string)) return false
  }
  return true
}
