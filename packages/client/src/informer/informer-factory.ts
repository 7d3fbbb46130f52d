import type { KubeObject } from '@miniplane/api'
import type { Client } from '../client.js'
import type { ResourceRef } from '../resources.js'
import { type Informer, type InformerOptions, ListWatchInformer } from './informer.js'

/** Shares one informer a resource among everybody who asks. */
export class InformerFactory {
  readonly #client: Client
  readonly #options: InformerOptions
  readonly #informers = new Map<string, ListWatchInformer<KubeObject>>()
  #started = false

  constructor(client: Client, options: InformerOptions) {
    this.#client = client
    this.#options = options
  }

  /** The resource's informer; made, and started if the factory runs, on first use. */
  informer<T extends KubeObject>(ref: ResourceRef<T>): Informer<T> {
    const id = `${ref.group}/${ref.version}/${ref.resource}`
    let informer = this.#informers.get(id)
    if (informer === undefined) {
      informer = new ListWatchInformer<KubeObject>(this.#client, ref as ResourceRef, this.#options)
      this.#informers.set(id, informer)
      if (this.#started) informer.start()
    }
    return informer as unknown as Informer<T>
  }

  start(): void {
    if (this.#started) return
    this.#started = true
    for (const informer of this.#informers.values()) informer.start()
  }

  /** Resolves when every informer asked for so far has its first list. */
  async waitForSync(): Promise<void> {
    await Promise.all([...this.#informers.values()].map((informer) => informer.synced()))
  }

  stop(): void {
    for (const informer of this.#informers.values()) informer.stop()
    this.#informers.clear()
  }
}
