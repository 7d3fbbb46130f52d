import type { APIResource, APIResourceList, ResourceDefinition } from '@miniplane/api'

/** Everything that is served as one document (apidiscovery.k8s.io/v2), for those who ask for it. */
export function aggregatedDiscovery(
  groups: readonly { readonly name: string; readonly versions: readonly string[] }[],
  versionOf: (group: string, version: string) => unknown,
): unknown {
  return {
    kind: 'APIGroupDiscoveryList',
    apiVersion: 'apidiscovery.k8s.io/v2',
    metadata: {},
    items: groups.map(({ name, versions }) => ({
      metadata: name === '' ? {} : { name },
      versions: versions.map((version) => versionOf(name, version)),
    })),
  }
}

export const ownVersion = (version: string, definitions: readonly ResourceDefinition[]) => ({
  version,
  resources: definitions.map(resourceEntry),
  freshness: 'Current',
})

/** What another server serves, as far as it has said. */
export function remoteVersion(version: string, list: APIResourceList | undefined) {
  if (!list) return { version, freshness: 'Stale' }
  const all = list.resources ?? []
  const resources = all.filter(({ name }) => !name.includes('/'))
  return { version, resources: resources.map((one) => remoteEntry(one, all)), freshness: 'Current' }
}

const kindOf = ({ group = '', version = '', kind }: APIResource) => ({ group, version, kind })

function remoteEntry(one: APIResource, all: readonly APIResource[]): unknown {
  const { name, singularName, namespaced, verbs, shortNames, categories } = one
  const subresources = all.filter((other) => other.name.startsWith(`${name}/`))
  return {
    resource: name,
    responseKind: kindOf(one),
    scope: namespaced ? 'Namespaced' : 'Cluster',
    singularResource: singularName,
    verbs,
    ...(shortNames?.length && { shortNames }),
    ...(categories?.length && { categories }),
    ...(subresources.length > 0 && {
      subresources: subresources.map((other) => ({
        subresource: other.name.slice(name.length + 1),
        responseKind: kindOf(other),
        verbs: other.verbs,
      })),
    }),
  }
}

function resourceEntry(definition: ResourceDefinition): unknown {
  const { resource, kind, namespaced, singular, verbs, shortNames, categories } = definition
  const subresources = [...definition.subresources.values()].sort((a, b) =>
    a.name < b.name ? -1 : 1,
  )
  return {
    resource,
    responseKind: { group: '', version: '', kind },
    scope: namespaced ? 'Namespaced' : 'Cluster',
    singularResource: singular,
    verbs,
    ...(shortNames.length > 0 && { shortNames }),
    ...(categories.length > 0 && { categories }),
    ...(subresources.length > 0 && {
      subresources: subresources.map((one) => {
        const isOwn = one.group === definition.group && one.version === definition.version
        return {
          subresource: one.name,
          // Empty stands for "that of the resource".
          responseKind: {
            group: isOwn ? '' : one.group,
            version: isOwn ? '' : one.version,
            kind: one.kind,
          },
          verbs: one.verbs,
        }
      }),
    }),
  }
}
