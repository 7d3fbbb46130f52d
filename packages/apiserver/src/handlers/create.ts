import { type ApiResponse, apiVersionOf, badRequest, type KubeObject } from '@miniplane/api'
import { decodeBody } from '../negotiation/decode-object.js'
import { writeOptions } from '../negotiation/options.js'
import type { RequestContext } from '../pipeline/stage.js'
import { createObject } from '../registry/generic/create.js'
import { unstored } from '../storage/unstored.js'
import { negotiateObject, presentObject } from './present.js'
import { type Scope, type Services, writeContextOf } from './scope.js'

/** POST to a collection. */
export async function handleCreate(
  services: Services,
  scope: Scope,
  context: RequestContext,
): Promise<ApiResponse> {
  negotiateObject(context)
  const { definition, resource } = scope
  const options = writeOptions(context.request.query, 'CreateOptions')
  const newDraft = () => {
    const draft = decodeBody(context, services.catalog, definition, options.fieldValidation)
    draft.apiVersion = apiVersionOf(definition)
    placeInNamespace(draft, scope)
    resource.strategy.setDefaults?.(draft)
    return draft
  }
  const writeContext = writeContextOf(services, scope, context, { ...options }, options.dryRun)
  const written = await createObject(services, resource, newDraft, writeContext)
  const value = written.stored && !resource.conversion ? written.stored : unstored(written.object)
  return presentObject(services, scope, context, 201, value)
}

/** The URL decides about the namespace; a body that says another one is wrong, or has none. */
export function placeInNamespace(
  { metadata }: KubeObject,
  { definition, namespace }: Pick<Scope, 'definition' | 'namespace'>,
): void {
  if (!definition.namespaced) {
    delete metadata.namespace
    return
  }
  if (metadata.namespace && metadata.namespace !== namespace) throw badRequest(NAMESPACE_MISMATCH)
  metadata.namespace = namespace ?? ''
}

const NAMESPACE_MISMATCH =
  'the namespace of the provided object does not match the namespace sent on the request'
