import type { ResourceDefinition } from '@miniplane/api'
import type { AdmissionOperation, AdmissionPlugin, AdmissionRequest } from './admission.js'

/**
 * The plugins in their order. Which of them care about a kind of request is found out once and
 * kept, so that a write only meets those that have something to say.
 */
export class AdmissionChain {
  readonly #plugins: readonly AdmissionPlugin[]
  readonly #interested = new WeakMap<ResourceDefinition, Map<string, readonly AdmissionPlugin[]>>()

  constructor(plugins: readonly AdmissionPlugin[]) {
    this.#plugins = plugins
  }

  /** Lets the plugins change `request.object`. Throws a plugin's refusal. */
  async admit(request: AdmissionRequest): Promise<void> {
    for (const plugin of this.#for(request)) {
      const pending = plugin.admit?.(request)
      if (pending) await pending
    }
  }

  /** Asks the plugins whether what came out may be stored. Throws a plugin's refusal. */
  async validate(request: AdmissionRequest): Promise<void> {
    for (const plugin of this.#for(request)) {
      const pending = plugin.validate?.(request)
      if (pending) await pending
    }
  }

  /** Whether nobody cares: then not even a request needs to be made. */
  isSilent(operation: AdmissionOperation, definition: ResourceDefinition, subresource: string) {
    return this.#lookUp(operation, definition, subresource).length === 0
  }

  #for({ operation, definition, subresource }: AdmissionRequest): readonly AdmissionPlugin[] {
    return this.#lookUp(operation, definition, subresource)
  }

  #lookUp(
    operation: AdmissionOperation,
    definition: ResourceDefinition,
    subresource: string,
  ): readonly AdmissionPlugin[] {
    let byRequest = this.#interested.get(definition)
    if (!byRequest) {
      byRequest = new Map()
      this.#interested.set(definition, byRequest)
    }
    const key = `${operation}/${subresource}`
    let plugins = byRequest.get(key)
    if (!plugins) {
      plugins = this.#plugins.filter((one) => one.handles(operation, definition, subresource))
      byRequest.set(key, plugins)
    }
    return plugins
  }
}
