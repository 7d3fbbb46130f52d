import type { APIGroupDiscoveryList, APIResourceDiscovery, APIResourceList } from '@miniplane/api'
import { DISCOVERY_ACCEPT, type Rest } from '../session/rest.js'

/** One resource in one version, as discovery tells of it. */
export interface ResourceInfo {
  /** Empty for the core group. */
  readonly group: string
  readonly version: string
  readonly resource: string
  readonly kind: string
  readonly singular: string
  readonly namespaced: boolean
  readonly verbs: readonly string[]
  readonly shortNames: readonly string[]
  readonly categories: readonly string[]
  readonly subresources: readonly string[]
}

export const groupVersionOf = (info: { group: string; version: string }): string =>
  info.group === '' ? info.version : `${info.group}/${info.version}`

/** `deployments.apps`, or `pods` in the core group. */
export const groupResourceOf = (info: { group: string; resource: string }): string =>
  info.group === '' ? info.resource : `${info.resource}.${info.group}`

/** Everything the server serves, groups and versions in the order in which it prefers them. */
export async function discover(rest: Rest): Promise<ResourceInfo[]> {
  const [core, groups] = await Promise.all([discoverAt(rest, '/api'), discoverAt(rest, '/apis')])
  return [...core, ...groups]
}

async function discoverAt(rest: Rest, path: string): Promise<ResourceInfo[]> {
  const answer = await rest.object({ method: 'GET', path, accept: DISCOVERY_ACCEPT })
  if (answer.kind === 'APIGroupDiscoveryList') {
    return fromAggregated(answer as unknown as APIGroupDiscoveryList)
  }
  const versions = legacyVersions(answer)
  const lists = await Promise.all(
    versions.map((version) => rest.object({ method: 'GET', path: `${path}/${version}` })),
  )
  return lists.flatMap((list) => fromLegacy(list as unknown as APIResourceList))
}

function fromAggregated(list: APIGroupDiscoveryList): ResourceInfo[] {
  return (list.items ?? []).flatMap((group) =>
    (group.versions ?? []).flatMap((version) =>
      (version.resources ?? []).map((resource) => ({
        group: group.metadata?.name ?? '',
        version: version.version ?? '',
        ...describeResource(resource),
      })),
    ),
  )
}

const describeResource = (resource: APIResourceDiscovery) => ({
  resource: resource.resource ?? '',
  kind: resource.responseKind?.kind ?? '',
  singular: resource.singularResource ?? '',
  namespaced: resource.scope === 'Namespaced',
  verbs: resource.verbs ?? [],
  shortNames: resource.shortNames ?? [],
  categories: resource.categories ?? [],
  subresources: (resource.subresources ?? []).map(({ subresource = '' }) => subresource),
})

/** `v1` of an APIVersions, `apps/v1` of an APIGroupList. */
function legacyVersions(answer: object): string[] {
  const { versions, groups } = answer as {
    versions?: string[]
    groups?: { versions: { groupVersion: string }[] }[]
  }
  return versions ?? (groups ?? []).flatMap((group) => group.versions.map((v) => v.groupVersion))
}

function fromLegacy(list: APIResourceList): ResourceInfo[] {
  const [first = '', second] = (list.groupVersion ?? '').split('/')
  const resources = list.resources ?? []
  const subresourcesOf = (name: string) =>
    resources
      .filter((one) => one.name.startsWith(`${name}/`))
      .map((one) => one.name.slice(name.length + 1))
  return resources
    .filter(({ name }) => !name.includes('/'))
    .map((one) => ({
      group: second === undefined ? '' : first,
      version: second ?? first,
      resource: one.name,
      kind: one.kind,
      singular: one.singularName ?? '',
      namespaced: one.namespaced ?? false,
      verbs: one.verbs ?? [],
      shortNames: one.shortNames ?? [],
      categories: one.categories ?? [],
      subresources: subresourcesOf(one.name),
    }))
}
