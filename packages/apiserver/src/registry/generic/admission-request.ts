import type { KubeObject } from '@miniplane/api'
import type { AdmissionOperation, AdmissionRequest } from '../../admission/admission.js'
import type { AdmissionChain } from '../../admission/chain.js'
import type { Resource } from '../resource.js'
import type { WriteContext } from '../write-context.js'

/** The admission chain, ready to be asked about one request; undefined when no plugin cares. */
export function admissionSteps(
  chain: AdmissionChain,
  operation: AdmissionOperation,
  resource: Resource,
  context: WriteContext,
): AdmissionSteps | undefined {
  const { definition } = resource
  if (chain.isSilent(operation, definition, context.subresource)) return undefined
  return new AdmissionSteps(chain, operation, resource, context)
}

export class AdmissionSteps {
  readonly #chain: AdmissionChain
  readonly #operation: AdmissionOperation
  readonly #resource: Resource
  readonly #context: WriteContext

  constructor(
    chain: AdmissionChain,
    operation: AdmissionOperation,
    resource: Resource,
    context: WriteContext,
  ) {
    this.#chain = chain
    this.#operation = operation
    this.#resource = resource
    this.#context = context
  }

  admit(
    name: string,
    object: KubeObject | undefined,
    oldObject: KubeObject | undefined,
  ): Promise<void> | undefined {
    return this.#chain.admit(this.#request(name, object, oldObject))
  }

  validate(
    name: string,
    object: KubeObject | undefined,
    oldObject: KubeObject | undefined,
  ): Promise<void> | undefined {
    return this.#chain.validate(this.#request(name, object, oldObject))
  }

  #request(
    name: string,
    object: KubeObject | undefined,
    oldObject: KubeObject | undefined,
  ): AdmissionRequest {
    const context = this.#context
    return {
      operation: this.#operation,
      definition: this.#resource.definition,
      subresource: context.subresource,
      namespace: context.namespace,
      name,
      object,
      oldObject,
      options: context.options,
      context,
      warn: context.warn,
    }
  }
}
