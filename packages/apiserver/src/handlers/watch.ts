import {
  type ApiResponse,
  isStatusError,
  type Timer,
  tooManyRequests,
  type WatchSource,
} from '@miniplane/api'
import { negotiateStream, type Representation } from '../negotiation/accept.js'
import { watchMediaType, watchViews } from '../negotiation/watch-view.js'
import type { RequestContext } from '../pipeline/stage.js'
import { unstored } from '../storage/unstored.js'
import { EncodedEvent } from '../watch-cache/cache-event.js'
import type { WatchRequest } from '../watch-cache/watch-cache.js'
import {
  type ListOptions,
  listOptionsOf,
  versionOrServerError,
  watchScopeOf,
} from './list-options.js'
import { includeObjectOf, negotiateObject } from './present.js'
import type { Scope, Services } from './scope.js'

/** GET of a collection with `watch`: a stream of events for as long as the client wants. */
export async function handleWatch(
  services: Services,
  scope: Scope,
  context: RequestContext,
): Promise<ApiResponse> {
  const wanted = negotiateObject(context, true)
  const options = listOptionsOf(context.request.query, scope, true)
  const { storage } = scope.resource
  const request = watchRequest(scope, options)
  const representation = negotiateStream(wanted)
  const tooLarge = await atInitialVersion(scope, options)
  if (request.fromRevision === undefined) await storage.currentRevision()
  if (services.resources.watcherCount >= services.limits.watchesMax)
    throw tooManyRequests('too many watches are open, please try again later', 1)
  const source = withTimeout(services, options, {
    subscribe: (sink) => (tooLarge ? tooLarge.subscribe(sink) : storage.cache.watch(request, sink)),
  })
  return {
    status: 200,
    headers: { 'content-type': watchMediaType(representation) },
    body: { kind: 'watch', events: transform(services, scope, context, representation, source) },
  }
}

function watchRequest(scope: Scope, options: ListOptions): WatchRequest {
  const wanted = versionOrServerError(options.resourceVersion)
  // 0 and nothing both mean: whatever there is first, then what happens. Who wants nothing of what
  // there is gets what happens from now on.
  const sendsInitial = options.sendInitialEvents ?? wanted === 0
  const now = scope.resource.storage.cache.revision
  const fromRevision = sendsInitial ? undefined : wanted === 0 ? now : wanted
  return {
    scope: watchScopeOf(scope, options),
    fromRevision,
    wantsBookmarks: options.allowWatchBookmarks,
    marksInitialEnd: sendsInitial && options.allowWatchBookmarks,
  }
}

/**
 * Waits until what there is at first is as new as it has to be. A watch that asks for what is still
 * to come is answered, and told so by its only event.
 */
async function atInitialVersion(
  { resource }: Scope,
  { sendInitialEvents, resourceVersion }: ListOptions,
): Promise<WatchSource | undefined> {
  if (!sendInitialEvents) return undefined
  try {
    await resource.storage.catchUp(versionOrServerError(resourceVersion))
    return undefined
  } catch (error) {
    if (!isStatusError(error, 'Timeout')) throw error
    const event = new EncodedEvent('ERROR', unstored(error.status))
    return {
      subscribe(sink) {
        sink.onEvents([event])
        sink.onEnd()
        return () => {}
      },
    }
  }
}

const NOTHING: WatchSource = {
  subscribe(sink) {
    sink.onEnd()
    return () => {}
  },
}

/** Ends the watch after the time that the client or the server sets. */
function withTimeout(services: Services, options: ListOptions, source: WatchSource): WatchSource {
  const { clock, random, limits } = services
  const { timeoutSeconds = 0 } = options
  const timeoutMs =
    timeoutSeconds === 0 ? limits.watchTimeoutMs * (1 + random.next()) : timeoutSeconds * 1000
  // Over before it began.
  if (timeoutMs < 0) return NOTHING
  return {
    subscribe(sink) {
      let isOver = false
      let timer: Timer | undefined
      const stop = source.subscribe({
        onEvents: (events) => sink.onEvents(events),
        onEnd() {
          isOver = true
          timer?.cancel()
          sink.onEnd()
        },
      })
      if (isOver) return () => {}
      timer = clock.setTimer(timeoutMs, () => {
        stop()
        sink.onEnd()
      })
      return () => {
        timer.cancel()
        stop()
      }
    },
  }
}

/** The same events as the client asked to see them. */
function transform(
  services: Services,
  scope: Scope,
  context: RequestContext,
  representation: Representation,
  source: WatchSource,
): WatchSource {
  const include = representation.as?.kind === 'Table' ? includeObjectOf(context) : 'Metadata'
  const views = watchViews(scope.resource, representation, include, services.clock)
  if (!views) return source
  return {
    subscribe(sink) {
      const view = views()
      return source.subscribe({
        onEvents: (events) => sink.onEvents(events.map(view)),
        onEnd: () => sink.onEnd(),
      })
    },
  }
}
