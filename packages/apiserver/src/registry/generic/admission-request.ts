import type { KubeObject } from '@miniplane/api'
import type { AdmissionOperation, AdmissionRequest } from '../../admission/admission.js'
import type { AdmissionChain } from '../../admission/chain.js'
import type { Resource } from '../resource.js'
import type { WriteContext } from '../write-context.js'

export type AdmissionStep = (
  name: string,
  object: KubeObject | undefined,
  oldObject: KubeObject | undefined,
) => Promise<void>

export interface AdmissionSteps {
  admit: AdmissionStep
  validate: AdmissionStep
}

const nothing: AdmissionStep = () => Promise.resolve()
const SILENT: AdmissionSteps = { admit: nothing, validate: nothing }

/** The admission chain, ready to be asked about one request. */
export function admissionSteps(
  chain: AdmissionChain,
  operation: AdmissionOperation,
  { definition }: Resource,
  context: WriteContext,
): AdmissionSteps {
  if (chain.isSilent(operation, definition, context.subresource)) return SILENT
  const request = (
    name: string,
    object: KubeObject | undefined,
    oldObject: KubeObject | undefined,
  ): AdmissionRequest => ({
    operation,
    definition,
    subresource: context.subresource,
    namespace: context.namespace,
    name,
    object,
    oldObject,
    options: context.options,
    context,
    warn: context.warn,
  })
  return {
    admit: (...args) => chain.admit(request(...args)),
    validate: (...args) => chain.validate(request(...args)),
  }
}
