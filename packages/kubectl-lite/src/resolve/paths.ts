import { groupVersionOf, type ResourceInfo } from './discovery.js'

/** Where a resource (or one object, or a subresource of it) lives on the server. */
export function resourcePath(
  resource: Pick<ResourceInfo, 'group' | 'version' | 'resource' | 'namespaced'>,
  namespace: string | undefined,
  name?: string,
  subresource?: string,
): string {
  const root = resource.group === '' ? '/api' : '/apis'
  const parts = [root, groupVersionOf(resource)]
  if (resource.namespaced && namespace) parts.push('namespaces', encodeURIComponent(namespace))
  parts.push(resource.resource)
  if (name !== undefined) parts.push(encodeURIComponent(name))
  if (subresource) parts.push(subresource)
  return parts.join('/')
}
