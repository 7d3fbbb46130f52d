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

  /** Lets the plugins change `request.object`. Throws, or rejects with, a plugin's refusal. */
  admit(request: AdmissionRequest): Promise<void> | undefined {
    return ask('admit', request, this.#for(request), 0)
  }

  /** Asks the plugins whether what came out may be stored. Throws, or rejects with, a refusal. */
  validate(request: AdmissionRequest): Promise<void> | undefined {
    return ask('validate', request, this.#for(request), 0)
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

/** One after the other; hardly any of them has to wait for something, and then nobody does. */
function ask(
  step: 'admit' | 'validate',
  request: AdmissionRequest,
  plugins: readonly AdmissionPlugin[],
  from: number,
): Promise<void> | undefined {
  for (let i = from; i < plugins.length; i++) {
    const pending = plugins[i]?.[step]?.(request)
    if (pending) return pending.then(() => ask(step, request, plugins, i + 1))
  }
  return undefined
}
