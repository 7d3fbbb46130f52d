import {
  type ApiResponse,
  badRequest,
  expired,
  type ListMeta,
  StatusError,
  tooLargeResourceVersion,
} from '@miniplane/api'
import { StoreError } from '@miniplane/store'
import type { RequestContext } from '../pipeline/stage.js'
import type { StoredObject } from '../storage/stored-object.js'
import { type ContinueToken, decodeContinue, encodeContinue } from './continue-token.js'
import {
  type ListOptions,
  listOptionsOf,
  versionOrBadRequest,
  watchScopeOf,
} from './list-options.js'
import { negotiateObject, presentList } from './present.js'
import type { Scope, Services } from './scope.js'

/** One page of a list, or all of it. */
interface Page {
  readonly items: readonly StoredObject[]
  readonly revision: number
  /** The key of the last item when there may be more after it. */
  readonly lastKey?: string
  readonly remaining: number
}

/** GET of a collection. Answered from the watch cache, past revisions from the store's history. */
export async function handleList(
  services: Services,
  scope: Scope,
  context: RequestContext,
): Promise<ApiResponse> {
  const representation = negotiateObject(context, true)
  const options = listOptionsOf(context.request.query, scope, false)
  const page = await pageOf(scope, options)
  return presentList(
    services,
    scope,
    context,
    page.items,
    metadataOf(page, options, scope),
    representation,
  )
}

/** Everything that a list without paging would show; for `deletecollection`. */
export async function listAll(scope: Scope, options: ListOptions): Promise<Page> {
  return pageOf(scope, options)
}

export function metadataOf(page: Page, options: ListOptions, scope: Scope): ListMeta {
  const resourceVersion = String(page.revision)
  if (page.lastKey === undefined) return { resourceVersion }
  const afterKey = page.lastKey.slice(keyPrefixOf(scope).length)
  const token = { revision: page.revision, afterKey }
  const isFiltered = options.labels !== undefined || options.fields !== undefined
  return {
    resourceVersion,
    continue: encodeContinue(token),
    ...(!isFiltered && page.remaining > 0 && { remainingItemCount: page.remaining }),
  }
}

/** Tokens are about what is listed: the same one means the same place in another namespace. */
const keyPrefixOf = ({ definition, namespace }: Scope): string =>
  definition.namespaced && namespace !== undefined ? `${namespace}/` : ''

async function pageOf(scope: Scope, options: ListOptions): Promise<Page> {
  const { storage } = scope.resource
  if (options.continue !== '') {
    const { revision, afterKey } = decodeContinue(options.continue)
    if (options.resourceVersion !== '' && options.resourceVersion !== '0')
      throw badRequest('specifying resource version is not allowed when using continue')
    // From "any version" on, everything that is left is as good.
    const rest = options.resourceVersion === '0' ? { ...options, limit: 0 } : options
    return continued(scope, rest, { revision, afterKey: keyPrefixOf(scope) + afterKey })
  }
  const wanted = versionOrBadRequest(options.resourceVersion)
  const isExact =
    options.resourceVersionMatch === 'Exact' ||
    (wanted > 0 && options.limit > 0 && options.resourceVersionMatch === '')
  if (isExact) return pastPage(scope, options, wanted, undefined)
  if (options.resourceVersion === '') {
    const revision = await storage.currentRevision()
    return presentPage(scope, options, revision, undefined)
  }
  if (wanted > 0) await storage.catchUp(wanted)
  // "Any version" is served whole, as the real server's cache does.
  return presentPage(
    scope,
    wanted === 0 ? { ...options, limit: 0 } : options,
    storage.cache.revision,
    undefined,
  )
}

async function continued(scope: Scope, options: ListOptions, token: ContinueToken): Promise<Page> {
  const { storage } = scope.resource
  const now = await storage.currentRevision()
  if (token.revision === undefined || token.revision === now)
    return presentPage(scope, options, now, token.afterKey)
  return pastPage(scope, options, token.revision, token.afterKey)
}

/** From the cache, which holds everything up to `revision`. */
function presentPage(
  scope: Scope,
  options: ListOptions,
  revision: number,
  afterKey: string | undefined,
): Page {
  const { cache, prefix } = scope.resource.storage
  const wanted = watchScopeOf(scope, options)
  const { namespace, name } = wanted
  if (name !== undefined && namespace !== undefined && afterKey === undefined) {
    const one = cache.get(namespace, name)
    const isThere = one && (!wanted.matches || wanted.matches(one.object))
    return { items: isThere ? [one] : [], revision, remaining: 0 }
  }
  const under = scope.definition.namespaced ? namespace : undefined
  const page = take(cache.list(under, afterKey), prefix.length, wanted, options.limit)
  if (page.lastKey === undefined) return { items: page.items, revision, remaining: 0 }
  const remaining = options.labels || options.fields ? 0 : cache.list(under, page.lastKey).length
  return { items: page.items, revision, lastKey: page.lastKey, remaining }
}

function take(
  objects: readonly StoredObject[],
  prefixLength: number,
  { name, matches }: ReturnType<typeof watchScopeOf>,
  limit: number,
): { items: readonly StoredObject[]; lastKey?: string } {
  if (limit === 0 && name === undefined && !matches) return { items: objects }
  const items: StoredObject[] = []
  for (const stored of objects) {
    if (limit > 0 && items.length === limit) {
      const last = items.at(-1)
      return last ? { items, lastKey: last.key.slice(prefixLength) } : { items }
    }
    if (name !== undefined && stored.object.metadata.name !== name) continue
    if (matches && !matches(stored.object)) continue
    items.push(stored)
  }
  return { items }
}

/** From the store's history. Throws 410 when it no longer reaches there, 504 when not yet. */
async function pastPage(
  scope: Scope,
  options: ListOptions,
  revision: number,
  afterKey: string | undefined,
): Promise<Page> {
  const { storage } = scope.resource
  const now = await storage.currentRevision()
  if (revision > now) throw tooLargeResourceVersion(revision, now, 0)
  const wanted = watchScopeOf(scope, options)
  const namespace = scope.definition.namespaced ? wanted.namespace : undefined
  try {
    const isFiltered = wanted.matches !== undefined || wanted.name !== undefined
    const limit = isFiltered ? undefined : options.limit
    const { objects, remaining } = await storage.listAt(namespace, revision, { afterKey, limit })
    if (!isFiltered) {
      const last = remaining > 0 ? objects.at(-1)?.key.slice(storage.prefix.length) : undefined
      return { items: objects, revision, remaining, ...(last !== undefined && { lastKey: last }) }
    }
    return {
      ...take(objects, storage.prefix.length, wanted, options.limit),
      revision,
      remaining: 0,
    }
  } catch (error) {
    if (error instanceof StoreError && error.code === 'Compacted')
      throw tooOld(afterKey?.slice(keyPrefixOf(scope).length))
    throw error
  }
}

/** A chunked list may go on in the present; the answer says how. */
function tooOld(afterKey: string | undefined): StatusError {
  if (afterKey === undefined)
    return expired('The resourceVersion for the provided list is too old.')
  const { status } = expired(
    'The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter, or use the continue token in this response to retrieve the remainder of the results. Continuing with the provided token results in an inconsistent list - objects that were created, modified, or deleted between the time the first chunk was returned and now may show up in the list.',
  )
  const token = encodeContinue({ revision: undefined, afterKey })
  return new StatusError({ ...status, metadata: { continue: token } })
}
