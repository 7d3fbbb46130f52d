import type { Clock, GroupVersionKind, KubeObject, Timer } from '@miniplane/api'
import {
  type Client,
  type Informer,
  type InformerFactory,
  type Log,
  resources,
} from '@miniplane/client'
import { discoverResources, type ServedResource } from './discover.js'

/** A resource with the plane's shared read copy of it. */
export interface FollowedResource {
  readonly resource: ServedResource
  readonly informer: Informer
}

/** Pause before a discovery that failed is tried again. */
const RETRY_MS = 1000

/**
 * Whatever the server serves, also kinds that nobody knew when this was written: discovered once,
 * and again when custom resource definitions change.
 */
export class EveryResource {
  readonly #client: Client
  readonly #informers: InformerFactory
  readonly #clock: Clock
  readonly #log: Log
  readonly #followers: ((followed: FollowedResource) => void)[] = []
  readonly #followed = new Map<string, FollowedResource>()
  #all: readonly ServedResource[] = []
  #started: Promise<void> | undefined
  #running: Promise<void> | undefined
  #isDirty = false
  #retry: Timer | undefined
  #isStopped = false

  constructor(options: { client: Client; informers: InformerFactory; clock: Clock; log: Log }) {
    this.#client = options.client
    this.#informers = options.informers
    this.#clock = options.clock
    this.#log = options.log
  }

  /** What is served as far as known now. */
  get all(): readonly ServedResource[] {
    return this.#all
  }

  /** The resource of a kind in any version of its group. */
  byKind({ group, kind }: Pick<GroupVersionKind, 'group' | 'kind'>): ServedResource | undefined {
    return this.#all.find((each) => each.kind === kind && each.group === group)
  }

  /** The shared read copy, of resources that are followed. */
  informerOf({ group, resource }: ServedResource): Informer | undefined {
    return this.#followed.get(`${group}/${resource}`)?.informer
  }

  /**
   * Tells `follower` of every resource that can be watched, and later of new ones. Resolves when
   * those known at first are in their caches.
   */
  async follow(follower: (followed: FollowedResource) => void): Promise<void> {
    this.#followers.push(follower)
    for (const followed of this.#followed.values()) follower(followed)
    this.#started ??= this.#start()
    await this.#started
    await Promise.all([...this.#followed.values()].map(({ informer }) => informer.synced()))
  }

  /** Discovers again; calls while a discovery is under way make one more of it. */
  refresh(): Promise<void> {
    if (this.#running !== undefined) {
      this.#isDirty = true
      return this.#running
    }
    this.#running = this.#discover().finally(() => {
      this.#running = undefined
      if (this.#isDirty && !this.#isStopped) {
        this.#isDirty = false
        void this.refresh()
      }
    })
    return this.#running
  }

  stop(): void {
    this.#isStopped = true
    this.#retry?.cancel()
  }

  async #start(): Promise<void> {
    await this.refresh()
    const onChange = (definition: KubeObject) => {
      const { group, names } = (definition.spec ?? {}) as {
        group?: string
        names?: { kind?: string }
      }
      const isKnown = this.byKind({ group: group ?? '', kind: names?.kind ?? '' }) !== undefined
      if (!isKnown) void this.refresh()
    }
    this.#informers.informer(resources.customResourceDefinitions).addHandler({
      onAdd: onChange,
      onUpdate: (_, definition) => onChange(definition),
      onDelete: () => void this.refresh(),
    })
  }

  /** Never rejects: what can't be discovered now is tried again. */
  async #discover(): Promise<void> {
    try {
      const all = await discoverResources(this.#client)
      if (this.#isStopped) return
      this.#all = all
      for (const resource of all) this.#followNew(resource)
    } catch (error) {
      if (this.#isStopped) return
      this.#log.warn('the server’s resources could not be discovered, trying again', { error })
      this.#retry = this.#clock.setTimer(RETRY_MS, () => void this.refresh())
    }
  }

  #followNew(resource: ServedResource): void {
    const id = `${resource.group}/${resource.resource}`
    if (!isFollowed(resource) || this.#followed.has(id)) return
    const followed = { resource, informer: this.#informers.informer(resource) }
    this.#followed.set(id, followed)
    for (const follower of this.#followers) follower(followed)
  }
}

/** Events come in masses, own nothing and are owned by nobody. */
const isFollowed = ({ resource, verbs }: ServedResource): boolean =>
  resource !== 'events' && ['list', 'watch', 'delete'].every((verb) => verbs.includes(verb))
