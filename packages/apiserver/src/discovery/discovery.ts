import { createHash } from 'node:crypto'
import {
  type ApiRequest,
  type ApiResponse,
  apiVersionOf,
  builtinGroups,
  encodeJsonText,
  genericServerResponse,
  type ResourceCatalog,
  type ResourceDefinition,
} from '@miniplane/api'
import type { RemoteServices } from '../aggregation/remote-services.js'
import {
  MEDIA_TYPES,
  negotiate,
  negotiateAggregated,
  negotiateUnrouted,
} from '../negotiation/accept.js'
import { pageNotFound, respondEncodable } from '../negotiation/respond.js'
import type { RequestContext } from '../pipeline/stage.js'
import { unstored } from '../storage/unstored.js'
import { aggregatedDiscovery, ownVersion, remoteVersion } from './aggregated.js'

const AGGREGATED_PARAMETERS = ';g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList'

/** Says what is served: everything here is read off the catalog, when it is asked for. */
export class Discovery {
  readonly #catalog: ResourceCatalog
  readonly #remote: RemoteServices
  readonly #serverAddress: () => string

  constructor(catalog: ResourceCatalog, remote: RemoteServices, serverAddress: () => string) {
    this.#catalog = catalog
    this.#remote = remote
    this.#serverAddress = serverAddress
  }

  /**
   * Answers `/api`, `/apis` and what is below them as far as a group version. What lists the groups
   * takes any method; the other lists are only read.
   */
  handle(context: RequestContext): ApiResponse {
    const [root, ...rest] = context.info.path.split('/').filter((part) => part !== '')
    if (root === 'api') return this.#core(context, rest)
    return this.#groups(context, rest)
  }

  /** Groups in discovery's order: the built-in ones first, those that were added, other servers'. */
  groups(): readonly { readonly name: string; readonly versions: readonly string[] }[] {
    const versions = new Map<string, string[]>(
      builtinGroups().map(({ name, versions }) => [name, [...versions]]),
    )
    for (const { group, version } of this.#catalog.all()) {
      if (group === '') continue
      const known = versions.get(group)
      if (!known) versions.set(group, [version])
      else if (!known.includes(version)) known.push(version)
    }
    for (const { name, versions: remote } of this.#remote.groups())
      versions.set(name, [...new Set([...(versions.get(name) ?? []), ...remote])])
    return [...versions].map(([name, list]) => ({ name, versions: list }))
  }

  /** The definitions of a group version by name, as its resource list shows them. */
  definitions(group: string, version: string): readonly ResourceDefinition[] {
    return this.#catalog
      .all()
      .filter((one) => one.group === group && one.version === version)
      .sort((a, b) => (a.resource < b.resource ? -1 : 1))
  }

  #core(context: RequestContext, [version, ...rest]: readonly string[]): ApiResponse {
    if (rest.length > 0) return pageNotFound()
    if (version !== undefined) return this.#resourceList(context, '', version)
    checkIsRead(context.request)
    return this.#root(
      context,
      () => [{ name: '', versions: ['v1'] }],
      () => ({
        kind: 'APIVersions',
        versions: ['v1'],
        serverAddressByClientCIDRs: [
          { clientCIDR: '0.0.0.0/0', serverAddress: this.#serverAddress() },
        ],
      }),
    )
  }

  #groups(context: RequestContext, [name, version, ...rest]: readonly string[]): ApiResponse {
    if (rest.length > 0) return pageNotFound()
    if (name === undefined)
      return this.#root(
        context,
        () => this.groups(),
        () => ({
          kind: 'APIGroupList',
          apiVersion: 'v1',
          groups: this.groups().map(groupEntry),
        }),
        unrouted,
      )
    const group = this.groups().find((one) => one.name === name)
    if (!group) return pageNotFound()
    if (version !== undefined) return this.#resourceList(context, name, version)
    return unrouted(context, { kind: 'APIGroup', apiVersion: 'v1', ...groupEntry(group) })
  }

  #root(
    context: RequestContext,
    groups: () => readonly { readonly name: string; readonly versions: readonly string[] }[],
    list: () => unknown,
    answer = plain,
  ): ApiResponse {
    const { headers } = context.request
    const representation = negotiateAggregated(headers)
    if (!representation) return answer(context, list())
    const document = aggregatedDiscovery(groups(), (group, version) =>
      this.#remote.find(group, version)
        ? remoteVersion(version, this.#remote.served(group, version))
        : ownVersion(version, this.definitions(group, version)),
    )
    const type = `${MEDIA_TYPES[representation.format]}${AGGREGATED_PARAMETERS}`
    const response = respondEncodable(200, unstored(document), representation, type)
    return withETag(response, etagOf(document), headers['if-none-match'])
  }

  #resourceList(context: RequestContext, group: string, version: string): ApiResponse {
    const definitions = this.definitions(group, version)
    const isOfOthers = this.#remote.groups().some(({ name }) => name === group)
    if (definitions.length === 0 && isOfOthers) return pageNotFound()
    if (definitions.length === 0)
      throw genericServerResponse(404, context.request.method, { group: '', resource: '' }, '')
    checkIsRead(context.request)
    return plain(context, {
      kind: 'APIResourceList',
      // The core group's list is as old as the API and has no version of its own.
      ...(group !== '' && { apiVersion: 'v1' }),
      groupVersion: apiVersionOf({ group, version }),
      resources: definitions.flatMap(resourceEntries),
    })
  }
}

/** Throws 405 for what is there to be read alone. */
export function checkIsRead({ method }: ApiRequest): void {
  if (method !== 'GET') throw genericServerResponse(405, method, { group: '', resource: '' }, '')
}

const etagOf = (document: unknown) =>
  `"${createHash('sha512').update(encodeJsonText(document)).digest('hex').toUpperCase()}"`

/** May be kept by anybody, and asked for again by what it is. */
function withETag(answer: ApiResponse, etag: string, known: string | undefined): ApiResponse {
  const headers = { etag, vary: 'Accept', 'cache-control': 'public' }
  if (known === etag) return { status: 304, headers, body: { kind: 'none' } }
  return { ...answer, headers: { ...answer.headers, ...headers } }
}

function plain(context: RequestContext, document: unknown): ApiResponse {
  const { headers, query } = context.request
  return respondEncodable(200, unstored(document), negotiate(headers, query, 'none'))
}

/** What no route of the API stands before: only the serializer says what it can't write. */
function unrouted(context: RequestContext, document: unknown): ApiResponse {
  const { headers, query } = context.request
  return respondEncodable(200, unstored(document), negotiateUnrouted(headers, query))
}

function groupEntry({ name, versions }: { name: string; versions: readonly string[] }) {
  const entries = versions.map((version) => ({ groupVersion: `${name}/${version}`, version }))
  return { name, versions: entries, preferredVersion: entries[0] }
}

function resourceEntries(definition: ResourceDefinition): unknown[] {
  const { resource, singular, namespaced, kind, verbs, shortNames, categories } = definition
  const parent = {
    name: resource,
    singularName: singular,
    namespaced,
    kind,
    verbs,
    ...(shortNames.length > 0 && { shortNames }),
    ...(categories.length > 0 && { categories }),
    ...(definition.storageVersionHash && { storageVersionHash: definition.storageVersionHash }),
  }
  const subresources = [...definition.subresources.values()].sort((a, b) =>
    a.name < b.name ? -1 : 1,
  )
  return [
    parent,
    ...subresources.map((one) => ({
      name: `${resource}/${one.name}`,
      singularName: '',
      namespaced,
      ...(isForeign(one, definition) && { group: one.group, version: one.version }),
      kind: one.kind,
      verbs: one.verbs,
    })),
  ]
}

/** Whether what travels belongs to another group version than the resource. */
const isForeign = (
  one: { readonly group: string; readonly version: string },
  { group, version }: ResourceDefinition,
) => one.group !== group || one.version !== version
