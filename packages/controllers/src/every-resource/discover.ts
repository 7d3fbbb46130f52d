import type { APIGroupList, APIResourceList, APIVersions } from '@miniplane/api'
import type { Client, ResourceRef } from '@miniplane/client'

/** A resource that the server serves, at the version that its group prefers. */
export interface ServedResource extends ResourceRef {
  readonly verbs: readonly string[]
}

/** Every resource that the server serves, each at one version; subresources are left out. */
export async function discoverResources(client: Client): Promise<ServedResource[]> {
  const lists = await Promise.all([core(client), groups(client)])
  const served = new Map<string, ServedResource>()
  for (const resource of lists.flat(2)) {
    const id = `${resource.group}/${resource.resource}`
    if (!served.has(id)) served.set(id, resource)
  }
  return [...served.values()]
}

async function core(client: Client): Promise<ServedResource[][]> {
  const { versions = [] } = await get<APIVersions>(client, '/api')
  return Promise.all(versions.map((version) => resourcesOf(client, '', version)))
}

/** Preferred versions first, so that others only add what those don't serve. */
async function groups(client: Client): Promise<ServedResource[][]> {
  const { groups } = await get<APIGroupList>(client, '/apis')
  return Promise.all(
    groups.flatMap(({ name, versions, preferredVersion }) => {
      const all = versions.map(({ version }) => version)
      const preferred = preferredVersion?.version ?? all[0]
      const sorted = all.toSorted((a, b) => Number(b === preferred) - Number(a === preferred))
      return sorted.map((version) => resourcesOf(client, name, version))
    }),
  )
}

async function resourcesOf(
  client: Client,
  group: string,
  version: string,
): Promise<ServedResource[]> {
  const path = group === '' ? `/api/${version}` : `/apis/${group}/${version}`
  const { resources } = await get<APIResourceList>(client, path)
  return resources
    .filter(({ name }) => !name.includes('/'))
    .map(({ name, kind, namespaced, verbs }) => ({
      group,
      version,
      resource: name,
      kind,
      namespaced,
      verbs: verbs ?? [],
    }))
}

async function get<T>(client: Client, path: string): Promise<T> {
  const { object } = await client.request({ method: 'GET', path })
  return object as T
}
