import type { ResourceDefinition } from '@miniplane/api'

/** Everything that is served as one document (apidiscovery.k8s.io/v2), for those who ask for it. */
export function aggregatedDiscovery(
  groups: readonly { readonly name: string; readonly versions: readonly string[] }[],
  definitions: (group: string, version: string) => readonly ResourceDefinition[],
): unknown {
  return {
    kind: 'APIGroupDiscoveryList',
    apiVersion: 'apidiscovery.k8s.io/v2',
    metadata: {},
    items: groups.map(({ name, versions }) => ({
      metadata: name === '' ? {} : { name },
      versions: versions.map((version) => ({
        version,
        resources: definitions(name, version).map(resourceEntry),
        freshness: 'Current',
      })),
    })),
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
