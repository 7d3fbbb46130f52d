import { type KubeObject, notFound } from '@miniplane/api'
import type { CacheReader } from '../authz/follow-cache.js'
import { ownWrite, serverContext } from '../bootstrap/own-write.js'
import type { Services } from '../handlers/scope.js'
import { draftOf } from '../registry/generic/draft-of.js'
import { ON_OWN_ACCOUNT, updateObject } from '../registry/generic/update.js'
import type { Resource } from '../registry/resource.js'

/** What the server itself has to say of the objects of a kind, in their status. */
export interface Observer {
  /** The status to write, or undefined while the one that is there is right. */
  observe(object: KubeObject): object | undefined
  /** The form of `current` with that status, a draft with its managed fields. */
  write(current: KubeObject, status: object): KubeObject
  stop?(): void
}

/**
 * Writes an observer's statuses, one after another, soon after an object has changed or was touched.
 * No object waits twice, so that at most as many wait as there are. An observation that could not be
 * written is logged, and made again at the next change.
 */
export class ConditionKeeper implements CacheReader {
  readonly #due = new Set<string>()
  #isRunning = false
  #isStopped = false

  constructor(
    private readonly services: Services,
    private readonly resource: Resource,
    private readonly observer: Observer,
  ) {}

  put({ metadata }: KubeObject): void {
    this.#due.add(metadata.name ?? '')
    if (this.#isRunning || this.#isStopped) return
    this.#isRunning = true
    void this.#run()
  }

  remove({ metadata }: KubeObject): void {
    this.#due.delete(metadata.name ?? '')
  }

  reset(): void {
    this.#due.clear()
  }

  /** Something else that the observer looks at has changed. */
  touchAll(): void {
    const { group, resource } = this.resource.definition
    for (const object of this.services.lister.list(group, resource)) this.put(object)
  }

  stop(): void {
    this.#isStopped = true
    this.#due.clear()
    this.observer.stop?.()
  }

  async #run(): Promise<void> {
    // Whoever has told the change is in the midst of his own write.
    await undefined
    for (const name of this.#due) {
      this.#due.delete(name)
      try {
        await this.#check(name)
      } catch (error) {
        // The object is gone, or the store is: there is nobody to tell once the server stops.
        if (!this.#isStopped)
          this.services.log.error('a condition could not be written', { name, error })
      }
    }
    this.#isRunning = false
  }

  async #check(name: string): Promise<void> {
    const { definition } = this.resource
    const known = this.services.lister.get(definition.group, definition.resource, undefined, name)
    if (!known || !this.observer.observe(known)) return
    const request = serverContext()
    const context = {
      ...ownWrite(this.services, this.resource, known, request),
      subresource: 'status',
    }
    const produce = (current: KubeObject | undefined) => {
      if (!current) throw notFound(definition, name)
      const status = this.observer.observe(current)
      return status ? this.observer.write(current, status) : draftOf(current)
    }
    await updateObject(
      this.services,
      this.resource,
      { name, verb: 'update', mayCreate: false, subresource: ON_OWN_ACCOUNT, produce },
      context,
    )
  }
}
