import {
  type ApiHandler,
  type ApiRequest,
  type ApiResponse,
  type EncodedWatchEvent,
  Ledger,
  ManualClock,
  seededRandom,
  settle,
  type WatchSource,
} from '@miniplane/api'
import { createApiServer } from '@miniplane/apiserver'
import { Client, inProcessTransport, type Log, type Transport } from '@miniplane/client'
import { startControllers, startHollowNodes, startScheduler } from '@miniplane/controllers'
import { openEmbeddedStore } from '@miniplane/store'

export interface FrozenPlane extends AsyncDisposable {
  readonly client: Client
  /** What components complained of: among it each write to a shared object. */
  readonly complaints: readonly string[]
  /** Moves time and waits until nothing is left to do. */
  advance(byMs: number): Promise<void>
}

/**
 * A whole plane in which every object that crosses the pipeline is frozen, in both directions:
 * what the server hands out is shared with its cache, and what it is handed is not its own. Whoever
 * writes to one throws, be it the server, a controller, the scheduler or a node.
 */
export async function startFrozenPlane(): Promise<FrozenPlane> {
  const clock = new ManualClock()
  const random = seededRandom(1)
  const ledger = new Ledger()
  const complaints: string[] = []
  const log = complaintsLog(complaints)
  const store = openEmbeddedStore({ clock, ledger })
  const tokens = [{ token: 'admin', user: { name: 'admin', groups: ['system:masters'] } }]
  const apiServer = createApiServer({ store: store.client, clock, random, ledger, log, tokens })
  await apiServer.start()
  const handler = freezing(apiServer.handle)
  const transport = (userAgent: string): Transport =>
    inProcessTransport(handler, { token: 'admin', userAgent, ledger })
  const shared = { clock, random, ledger, log }
  const controllers = startControllers({ ...shared, transport })
  const scheduler = startScheduler({ ...shared, transport: transport('kube-scheduler') })
  const nodes = startHollowNodes({ ...shared, transport, count: 2 })
  await settle(ledger)
  return {
    client: new Client(transport('test')),
    complaints,
    async advance(byMs) {
      clock.advance(byMs)
      await settle(ledger)
    },
    async [Symbol.asyncDispose]() {
      nodes.stop()
      scheduler.stop()
      controllers.stop()
      await apiServer.close()
      await store.close()
    },
  }
}

function freezing(handler: ApiHandler): ApiHandler {
  return async (request) => {
    freezeBody(request)
    return frozen(await handler(request))
  }
}

function freezeBody({ body }: ApiRequest): void {
  if (body !== undefined && !(body instanceof Uint8Array)) deepFreeze(body.object)
}

function frozen(response: ApiResponse): ApiResponse {
  const { body } = response
  if (body.kind === 'object') deepFreeze(body.object)
  if (body.kind !== 'watch') return response
  return { ...response, body: { kind: 'watch', events: frozenEvents(body.events) } }
}

function frozenEvents(source: WatchSource): WatchSource {
  return {
    subscribe(sink) {
      const onEvents = (events: readonly EncodedWatchEvent[]) => {
        for (const { object } of events) deepFreeze(object)
        sink.onEvents(events)
      }
      return source.subscribe({ onEvents, onEnd: () => sink.onEnd() })
    },
  }
}

function deepFreeze(value: unknown): void {
  // What is frozen was frozen here, and all below it.
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return
  Object.freeze(value)
  for (const part of Object.values(value)) deepFreeze(part)
}

function complaintsLog(complaints: string[]): Log {
  const complain = (message: string, details?: unknown) => {
    const { error = details } = (details ?? {}) as { error?: unknown }
    complaints.push(`${message}: ${error instanceof Error ? error.stack : JSON.stringify(details)}`)
  }
  return { debug: complain, info() {}, warn: complain, error: complain }
}
