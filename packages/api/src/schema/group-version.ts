import type {
  GroupResource,
  GroupVersionKind,
  GroupVersionResource,
} from './resource-definition.js'

export interface GroupVersion {
  /** Empty for the core group. */
  readonly group: string
  readonly version: string
}

/** `apps/v1` → `{ group: 'apps', version: 'v1' }`, `v1` → the core group. Throws on two slashes. */
export function parseGroupVersion(apiVersion: string): GroupVersion {
  const slash = apiVersion.indexOf('/')
  if (slash < 0) return { group: '', version: apiVersion }
  if (apiVersion.indexOf('/', slash + 1) >= 0)
    throw new Error(`unexpected GroupVersion string: ${apiVersion}`)
  return { group: apiVersion.slice(0, slash), version: apiVersion.slice(slash + 1) }
}

/** `apps/v1`, or `v1` for the core group: what stands in an object's `apiVersion`. */
export function apiVersionOf({ group, version }: GroupVersion): string {
  return group === '' ? version : `${group}/${version}`
}

export function gvkOf(apiVersion: string, kind: string): GroupVersionKind {
  return { ...parseGroupVersion(apiVersion), kind }
}

/** `deployments.apps`, or `pods` for the core group: how messages name a resource. */
export function groupResourceText({ group, resource }: GroupResource): string {
  return group === '' ? resource : `${resource}.${group}`
}

/** As Go prints one: `apps/v1, Resource=deployments`; the core group gives `/v1, Resource=pods`. */
export function groupVersionResourceText(gvr: GroupVersionResource): string {
  return `${gvr.group}/${gvr.version}, Resource=${gvr.resource}`
}

/** As Go prints one: `apps/v1, Kind=Deployment`. */
export function groupVersionKindText(gvk: GroupVersionKind): string {
  return `${gvk.group}/${gvk.version}, Kind=${gvk.kind}`
}

/** `Deployment.apps`, or `Pod` for the core group. */
export function groupKindText({ group, kind }: { readonly group: string; readonly kind: string }) {
  return group === '' ? kind : `${kind}.${group}`
}
