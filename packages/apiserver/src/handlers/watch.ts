import {
  type ApiResponse,
  type EncodedWatchEvent,
  type Timer,
  tooManyRequests,
  type WatchSource,
} from '@miniplane/api'
import type { Representation } from '../negotiation/accept.js'
import { unstored } from '../negotiation/respond.js'
import { tableOf } from '../negotiation/table.js'
import type { RequestContext } from '../pipeline/stage.js'
import {
  parseResourceVersion,
  plainServerError,
  ResourceVersionError,
} from '../registry/generic/resource-version.js'
import { EncodedEvent } from '../watch-cache/cache-event.js'
import type { WatchRequest } from '../watch-cache/watch-cache.js'
import { type ListOptions, listOptionsOf, watchScopeOf } from './list-options.js'
import { includeObjectOf, negotiateObject, partialMetadata } from './present.js'
import type { Scope, Services } from './scope.js'

/** GET of a collection with `watch`: a stream of events for as long as the client wants. */
export async function handleWatch(
  services: Services,
  scope: Scope,
  context: RequestContext,
): Promise<ApiResponse> {
  const representation = negotiateObject(context, true)
  const options = listOptionsOf(context.request.query, scope, true)
  const { storage } = scope.resource
  const request = watchRequest(scope, options)
  if (request.fromRevision === undefined) await storage.currentRevision()
  if (services.resources.watcherCount >= services.limits.watchesMax)
    throw tooManyRequests('too many watches are open, please try again later', 1)
  const source = withTimeout(services, options, {
    subscribe: (sink) => storage.cache.watch(request, sink),
  })
  return {
    status: 200,
    headers: { 'content-type': 'application/json' },
    body: { kind: 'watch', events: transform(services, scope, context, representation, source) },
  }
}

function watchRequest(scope: Scope, options: ListOptions): WatchRequest {
  const wanted = readVersion(options.resourceVersion)
  const sendsInitial = options.sendInitialEvents === true
  // 0 and nothing both mean: whatever there is first, then what happens.
  const fromRevision = sendsInitial || wanted === 0 ? undefined : wanted
  return {
    scope: watchScopeOf(scope, options),
    fromRevision,
    wantsBookmarks: options.allowWatchBookmarks,
    marksInitialEnd: sendsInitial && options.allowWatchBookmarks,
  }
}

function readVersion(text: string): number {
  try {
    return parseResourceVersion(text)
  } catch (error) {
    if (!(error instanceof ResourceVersionError)) throw error
    throw plainServerError(
      `resourceVersion: Invalid value: ${JSON.stringify(text)}: ${error.message}`,
    )
  }
}

/** Ends the watch after the time that the client or the server sets. */
function withTimeout(services: Services, options: ListOptions, source: WatchSource): WatchSource {
  const { clock, random, limits } = services
  const timeoutMs =
    options.timeoutSeconds !== undefined && options.timeoutSeconds > 0
      ? options.timeoutSeconds * 1000
      : limits.watchTimeoutMs * (1 + random.next())
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

/** The same events with their objects turned into what the client asked for. */
function transform(
  services: Services,
  scope: Scope,
  context: RequestContext,
  { as }: Representation,
  source: WatchSource,
): WatchSource {
  const { conversion } = scope.resource
  if (!as && !conversion) return source
  const include = as?.kind === 'Table' ? includeObjectOf(context) : 'Metadata'
  return {
    subscribe(sink) {
      let isFirst = true
      const view = (event: EncodedWatchEvent): EncodedWatchEvent => {
        if (event.type === 'ERROR') return event
        const object = conversion ? conversion.toServed(event.object) : event.object
        if (!as) return new EncodedEvent(event.type, unstored(object))
        if (as.kind !== 'Table')
          return new EncodedEvent(event.type, unstored(partialMetadata(object, as.version)))
        const isBookmark = event.type === 'BOOKMARK'
        const table = tableOf(scope.resource, isBookmark ? [] : [object], {
          version: as.version,
          metadata: { resourceVersion: object.metadata.resourceVersion ?? '' },
          include,
          nowMs: services.clock.now(),
          withColumns: isFirst,
        })
        isFirst = false
        return new EncodedEvent(event.type, unstored(table))
      }
      return source.subscribe({
        onEvents: (events) => sink.onEvents(events.map(view)),
        onEnd: () => sink.onEnd(),
      })
    },
  }
}
