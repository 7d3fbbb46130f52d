import {
  type FieldError,
  type FieldPath,
  forbiddenField,
  invalidValue,
  notSupported,
  type PodSpec,
  parseQuantity,
} from '@miniplane/api'
import { aggregateContainers } from '../core/pod-resources.js'
import {
  isHugePages,
  isPodLevelResource,
  sortedNames,
  validateContainerResources,
  validateResourceName,
} from './resources.js'

const SUPPORTED = ['cpu', 'hugepages-', 'memory']

/** `spec.resources`: what a Pod asks for as a whole has to cover what its containers ask for. */
export function validatePodLevelResources(
  spec: PodSpec,
  path: FieldPath,
  errors: FieldError[],
): void {
  const { resources } = spec
  if (!resources) return
  if (spec.os?.name === 'windows') {
    errors.push(forbiddenField(path, 'may not be set for a windows pod'))
    return
  }
  if (resources.claims) {
    const detail = 'claims may not be set for Resources at pod-level'
    errors.push(forbiddenField(path.child('claims'), detail))
  }
  validateContainerResources(resources, [], path, errors, supportedName)
  for (const [name, sum] of aggregateContainers(spec, 'requests')) {
    const request = resources.requests?.[name]
    if (request === undefined || parseQuantity(request).compare(parseQuantity(sum)) >= 0) continue
    const detail = `must be greater than or equal to aggregate container requests of ${sum}`
    errors.push(invalidValue(path.child('requests').key(name), request, detail))
  }
  validateHugePageLimits(spec, path, errors)
  validateContainerLimits(spec, path, errors)
}

/** Huge pages can't be promised twice: what containers may use has to be there. */
function validateHugePageLimits(spec: PodSpec, path: FieldPath, errors: FieldError[]): void {
  for (const [name, sum] of aggregateContainers(spec, 'limits')) {
    const limit = spec.resources?.limits?.[name]
    if (limit === undefined || !isHugePages(name)) continue
    if (parseQuantity(limit).compare(parseQuantity(sum)) >= 0) continue
    const detail = `must be greater than or equal to aggregate container limits of ${sum}`
    errors.push(invalidValue(path.child('limits').key(name), limit, detail))
  }
}

function supportedName(name: string, path: FieldPath, errors: FieldError[]): void {
  if (!validateResourceName(name, path, errors)) return
  if (isPodLevelResource(name)) return
  errors.push(notSupported(path, name, SUPPORTED))
}

/** No single container may have more than the whole. */
function validateContainerLimits(
  { containers, resources }: PodSpec,
  path: FieldPath,
  errors: FieldError[],
): void {
  for (const [i, container] of (containers ?? []).entries()) {
    const limits = container.resources.limits ?? {}
    for (const name of sortedNames(limits)) {
      const [own, whole] = [limits[name] ?? '0', resources?.limits?.[name]]
      if (whole === undefined || parseQuantity(own).compare(parseQuantity(whole)) <= 0) continue
      const at = path.child('containers').index(i).key(name).child('limits')
      errors.push(invalidValue(at, own, `must be less than or equal to pod limits of ${whole}`))
    }
  }
}
