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
import { keyTail } from '../storage/keys.js'
import type { StoredObject } from '../storage/stored-object.js'
import type { WatchScope } from '../watch-cache/watcher-index.js'
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
  /** Where the next page begins, when there may be more. */
  readonly nextKey?: string
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
  if (page.nextKey === undefined) return { resourceVersion }
  const startKey = page.nextKey.slice(keyPrefixOf(scope).length)
  return {
    resourceVersion,
    continue: encodeContinue({ revision: page.revision, startKey }),
    ...(!isFiltered(options) && page.remaining > 0 && { remainingItemCount: page.remaining }),
  }
}

const isFiltered = ({ labels, fields }: ListOptions): boolean =>
  (labels !== undefined && !labels.isEverything) || (fields !== undefined && !fields.isEverything)

/** Tokens are about what is listed: the same one means the same place in another namespace. */
const keyPrefixOf = ({ definition, namespace }: Scope): string =>
  definition.namespaced && namespace !== undefined ? `${namespace}/` : ''

async function pageOf(scope: Scope, options: ListOptions): Promise<Page> {
  const { storage } = scope.resource
  if (options.continue !== '') {
    const { revision, startKey } = decodeContinue(options.continue)
    if (options.resourceVersion !== '' && options.resourceVersion !== '0')
      throw badRequest('specifying resource version is not allowed when using continue')
    // From "any version" on, everything that is left is as good.
    const rest = options.resourceVersion === '0' ? { ...options, limit: 0 } : options
    return continued(scope, rest, { revision, startKey: keyPrefixOf(scope) + startKey })
  }
  const wanted = versionOrBadRequest(options.resourceVersion)
  // One object has no pages, and is as good as it is now.
  const isOne = isOfOneObject(watchScopeOf(scope, options))
  const isExact =
    options.resourceVersionMatch === 'Exact' ||
    (!isOne && wanted > 0 && options.limit > 0 && options.resourceVersionMatch === '')
  if (isExact) return pastPage(scope, options, wanted, undefined)
  if (options.resourceVersion === '') {
    const revision = await storage.currentRevision()
    return presentPage(scope, options, revision, undefined)
  }
  if (wanted > 0) await storage.catchUp(wanted)
  // "Any version" is served whole where the real server does that from a cache.
  return presentPage(
    scope,
    wanted === 0 && !storage.isShortLived ? { ...options, limit: 0 } : options,
    storage.cache.revision,
    undefined,
  )
}

const isOfOneObject = ({ namespace, name }: WatchScope): boolean =>
  namespace !== undefined && name !== undefined

async function continued(scope: Scope, options: ListOptions, token: ContinueToken): Promise<Page> {
  const { storage } = scope.resource
  const now = await storage.currentRevision()
  if (token.revision === undefined || token.revision === now)
    return presentPage(scope, options, now, token.startKey)
  return pastPage(scope, options, token.revision, token.startKey)
}

/** From the cache, which holds everything up to `revision`. */
function presentPage(
  scope: Scope,
  options: ListOptions,
  revision: number,
  startKey: string | undefined,
): Page {
  const { cache, prefix } = scope.resource.storage
  const wanted = watchScopeOf(scope, options)
  const { namespace, name } = wanted
  if (name !== undefined && namespace !== undefined && startKey === undefined)
    return { items: matching(cache.get(namespace, name), wanted), revision, remaining: 0 }
  const under = scope.definition.namespaced ? namespace : undefined
  const page = take(cache.list(under, startKey), prefix.length, wanted, options.limit)
  if (page.nextKey === undefined) return { items: page.items, revision, remaining: 0 }
  const remaining = isFiltered(options) ? 0 : cache.list(under, page.nextKey).length
  return { items: page.items, revision, nextKey: page.nextKey, remaining }
}

const matching = (
  one: StoredObject | undefined,
  { matches }: WatchScope,
): readonly StoredObject[] => (one && (!matches || matches(one.object)) ? [one] : [])

function take(
  objects: readonly StoredObject[],
  prefixLength: number,
  { name, matches }: WatchScope,
  limit: number,
): { items: readonly StoredObject[]; nextKey?: string } {
  if (limit === 0 && name === undefined && !matches) return { items: objects }
  const items: StoredObject[] = []
  for (const stored of objects) {
    if (limit > 0 && items.length === limit) {
      const last = items.at(-1)
      return last ? { items, nextKey: keyBehind(last, prefixLength) } : { items }
    }
    if (name !== undefined && stored.object.metadata.name !== name) continue
    if (matches && !matches(stored.object)) continue
    items.push(stored)
  }
  return { items }
}

const keyBehind = ({ key }: StoredObject, prefixLength: number): string =>
  `${key.slice(prefixLength)}\0`

/** From the store's history. Throws 410 when it no longer reaches there, 504 when not yet. */
async function pastPage(
  scope: Scope,
  options: ListOptions,
  revision: number,
  startKey: string | undefined,
): Promise<Page> {
  const { storage } = scope.resource
  const now = await storage.currentRevision()
  if (revision > now) throw tooLargeResourceVersion(revision, now, 1)
  const wanted = watchScopeOf(scope, options)
  const namespace = scope.definition.namespaced ? wanted.namespace : undefined
  const prefixLength = storage.prefix.length
  try {
    if (isOfOneObject(wanted) && startKey === undefined) {
      const one = await objectAt(scope, wanted, revision)
      return { items: matching(one, wanted), revision, remaining: 0 }
    }
    const isSelected = wanted.matches !== undefined || wanted.name !== undefined
    const limit = isSelected ? undefined : options.limit
    const { objects, remaining } = await storage.listAt(namespace, revision, { startKey, limit })
    if (isSelected)
      return { ...take(objects, prefixLength, wanted, options.limit), revision, remaining: 0 }
    const last = remaining > 0 ? objects.at(-1) : undefined
    const nextKey = last && keyBehind(last, prefixLength)
    return { items: objects, revision, remaining, ...(nextKey !== undefined && { nextKey }) }
  } catch (error) {
    if (error instanceof StoreError && error.code === 'Compacted')
      throw tooOld(startKey?.slice(keyPrefixOf(scope).length))
    throw error
  }
}

async function objectAt(
  { resource, definition }: Scope,
  { namespace = '', name = '' }: WatchScope,
  revision: number,
): Promise<StoredObject | undefined> {
  const { storage } = resource
  const inNamespace = definition.namespaced ? namespace : undefined
  const startKey = keyTail(inNamespace, name)
  const { objects } = await storage.listAt(inNamespace, revision, { startKey, limit: 1 })
  return objects[0]?.key === storage.keyOf(inNamespace, name) ? objects[0] : undefined
}

/** A chunked list may go on in the present; the answer says how. */
function tooOld(startKey: string | undefined): StatusError {
  if (startKey === undefined)
    return expired('The resourceVersion for the provided list is too old.')
  const { status } = expired(
    'The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter, or use the continue token in this response to retrieve the remainder of the results. Continuing with the provided token results in an inconsistent list - objects that were created, modified, or deleted between the time the first chunk was returned and now may show up in the list.',
  )
  const token = encodeContinue({ revision: undefined, startKey })
  return new StatusError({ ...status, metadata: { continue: token } })
}
