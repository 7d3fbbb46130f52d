import {
  type Clock,
  decodeObject,
  deepCopy,
  type KubeObject,
  type ResourceCatalog,
  type ResourceDefinition,
} from '@miniplane/api'
import type { StoreClient } from '@miniplane/store'
import type { Limits } from '../limits.js'
import type { Log } from '../log.js'
import { storagePrefix } from '../storage/keys.js'
import type { StorageMediaType } from '../storage/media-type.js'
import { ObjectStorage } from '../storage/object-storage.js'
import { bookmarkOf } from '../watch-cache/bookmark.js'
import { WatchCache } from '../watch-cache/watch-cache.js'
import { storedVersion } from './conversion/stored-versions.js'
import type { Resource } from './resource.js'
import type { Lister, Strategy } from './strategy.js'

export interface ResourcesOptions {
  readonly catalog: ResourceCatalog
  readonly store: StoreClient
  readonly isStoreEmbedded: boolean
  readonly etcdPrefix?: string | undefined
  readonly storageMediaType?: StorageMediaType | undefined
  readonly clock: Clock
  readonly log: Log
  readonly limits: Limits
  strategyFor(definition: ResourceDefinition): Strategy
}

/**
 * What is served, made when it is first asked for: a kind that nobody uses costs nothing. Versions
 * of one kind share its storage.
 */
export class Resources implements Lister {
  readonly #options: ResourcesOptions
  readonly #byDefinition = new Map<ResourceDefinition, Resource>()
  /** By the prefix of their keys. */
  readonly #storages = new Map<string, ObjectStorage>()
  /** By `group/resource`, for lookups on the path of every write. */
  readonly #byName = new Map<string, ObjectStorage>()

  #beganAt: Promise<number> | undefined

  constructor(options: ResourcesOptions) {
    this.#options = options
  }

  /** The resource with its cache filled and following the store. */
  async ready(definition: ResourceDefinition): Promise<Resource> {
    const resource = this.of(definition)
    if (!resource.storage.isStarted) await resource.storage.start()
    return resource
  }

  /** The same by name, in whichever version comes first; undefined when it is not served. */
  async readyNamed(group: string, name: string): Promise<Resource | undefined> {
    const definition = this.#definition(group, name)
    return definition && this.ready(definition)
  }

  of(definition: ResourceDefinition): Resource {
    let resource = this.#byDefinition.get(definition)
    if (!resource) {
      resource = this.#make(definition)
      this.#byDefinition.set(definition, resource)
    }
    return resource
  }

  /** Fills the caches of resources that strategies and admission look things up in. */
  async preload(names: readonly (readonly [group: string, resource: string])[]): Promise<void> {
    await Promise.all(names.map(([group, name]) => this.readyNamed(group, name)))
  }

  get(group: string, resource: string, namespace: string | undefined, name: string) {
    return this.#storage(group, resource)?.cache.get(namespace ?? '', name)?.object
  }

  async getLatest(group: string, resource: string, namespace: string | undefined, name: string) {
    const stored = await this.#storage(group, resource)?.get(namespace, name)
    return stored?.object
  }

  list(group: string, resource: string, namespace?: string): readonly KubeObject[] {
    const stored = this.#storage(group, resource)?.cache.list(namespace) ?? []
    return stored.map(({ object }) => object)
  }

  get watcherCount(): number {
    let count = 0
    for (const { cache } of this.#storages.values()) count += cache.watcherCount
    return count
  }

  /** Every storage in use, by its prefix. */
  get storages(): ReadonlyMap<string, ObjectStorage> {
    return this.#storages
  }

  close(): void {
    for (const storage of this.#storages.values()) storage.close()
  }

  #storage(group: string, resource: string): ObjectStorage | undefined {
    const key = `${group}/${resource}`
    const known = this.#byName.get(key)
    if (known) return known
    const definition = this.#definition(group, resource)
    if (!definition) return undefined
    const { storage } = this.of(definition)
    this.#byName.set(key, storage)
    return storage
  }

  #definition(group: string, resource: string): ResourceDefinition | undefined {
    return this.#options.catalog
      .all()
      .find((one) => one.group === group && one.resource === resource)
  }

  #make(definition: ResourceDefinition): Resource {
    const stored = storedVersion(this.#options.catalog, definition)
    const prefix = storagePrefix(stored.definition, false, this.#options.etcdPrefix)
    let storage = this.#storages.get(prefix)
    if (!storage) {
      storage = this.#makeStorage(prefix, stored.definition)
      this.#storages.set(prefix, storage)
    }
    const hasStatus = definition.subresources.has('status')
    return {
      definition,
      strategy: this.#options.strategyFor(definition),
      storage,
      ...(stored.conversion && { conversion: stored.conversion }),
      ...(hasStatus && { emptyStatus: emptyStatusOf(definition) }),
    }
  }

  /** The store's revision when the first storage started, before which this server wrote nothing. */
  #beginning(): Promise<number> {
    this.#beganAt ??= this.#options.store
      .range({ key: '/', limit: 1, countOnly: true })
      .then(({ header }) => header.revision)
    return this.#beganAt
  }

  #makeStorage(prefix: string, definition: ResourceDefinition): ObjectStorage {
    const { store, isStoreEmbedded, storageMediaType, clock, log, limits } = this.#options
    const empty = emptyObjectOf(definition)
    const cache = new WatchCache({
      clock,
      log,
      limits,
      bookmark: (revision, annotations) => bookmarkOf(definition, empty(), revision, annotations),
    })
    return new ObjectStorage({
      store,
      isStoreEmbedded,
      beganAt: () => this.#beginning(),
      prefix,
      namespaced: definition.namespaced,
      mediaType: storageMediaType,
      cache,
      clock,
      log,
      limits,
      ...(definition.kind === 'Event' && { ttlSeconds: limits.eventTtlSeconds }),
    })
  }
}

/**
 * What decoding makes of nothing: the fields that are written even when empty. Made when it is first
 * asked for, and shared.
 */
function emptyObjectOf({ schema }: ResourceDefinition): () => KubeObject {
  let empty: KubeObject | undefined
  return () => {
    empty ??= decodeObject({}, schema).object as unknown as KubeObject
    return empty
  }
}

function emptyStatusOf(definition: ResourceDefinition): () => unknown {
  const empty = emptyObjectOf(definition)
  return () => deepCopy(empty().status)
}
