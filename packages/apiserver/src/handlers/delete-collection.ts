import { type ApiResponse, isStatusError } from '@miniplane/api'
import type { RequestContext } from '../pipeline/stage.js'
import { deleteObject } from '../registry/generic/delete.js'
import { deleteOptionsOf, warnOnDelete } from './delete.js'
import { listAll, metadataOf } from './list.js'
import { listOptionsOf } from './list-options.js'
import { negotiateObject, presentList } from './present.js'
import { type Scope, type Services, writeContextOf } from './scope.js'

/** DELETE of a collection: of every object that the selectors of the query choose. */
export async function handleDeleteCollection(
  services: Services,
  scope: Scope,
  context: RequestContext,
): Promise<ApiResponse> {
  const representation = negotiateObject(context, true)
  const listOptions = listOptionsOf(context.request.query, scope, false)
  const options = deleteOptionsOf(context)
  warnOnDelete(scope, options, context)
  const page = await listAll(scope, listOptions)
  const isDryRun = (options.dryRun?.length ?? 0) > 0
  for (const { object } of page.items) {
    const { name = '', namespace } = object.metadata
    const one = { ...scope, name, namespace: scope.definition.namespaced ? namespace : undefined }
    const writeContext = writeContextOf(services, one, context, { ...options }, isDryRun)
    await deleteUnlessGone(deleteObject(services, one.resource, name, options, writeContext))
  }
  const metadata = metadataOf(page, listOptions, scope)
  return presentList(services, scope, context, page.items, metadata, representation)
}

/** Somebody else may have been faster, which is as good. */
async function deleteUnlessGone(deletion: Promise<unknown>): Promise<void> {
  try {
    await deletion
  } catch (error) {
    if (!isStatusError(error, 'NotFound')) throw error
  }
}
