import type { ApiHandler, ApiRequest, ApiResponse, Ledger, WatchSource } from '@miniplane/api'
import { genericServerResponse, type Status, StatusError } from '@miniplane/api'
import type { CallTurns } from './call-turns.js'
import {
  searchParameters,
  type Transport,
  type TransportRequest,
  type TransportResponse,
  type WatchSink,
} from './transport.js'

export interface InProcessOptions {
  /** Bearer token: callers in the process authenticate like everybody else. */
  readonly token: string
  readonly userAgent: string
  readonly ledger?: Ledger
  /** Shared by all callers of one server. Default: a turn has room for any number of calls. */
  readonly turns?: CallTurns
}

const NEVER_ABORTED = new AbortController().signal
const decoder = new TextDecoder()

/**
 * Calls the API server's pipeline directly: no socket, no serialization. Objects in answers and
 * events are shared with the server and must not be written to.
 */
export function inProcessTransport(handler: ApiHandler, options: InProcessOptions): Transport {
  const open = new Set<() => void>()
  const identity = { authorization: `Bearer ${options.token}`, 'user-agent': options.userAgent }

  const toApiRequest = (request: TransportRequest): ApiRequest => ({
    method: request.method,
    path: request.path,
    query: searchParameters(request.query),
    headers: {
      accept: 'application/json',
      ...(request.body === undefined ? {} : { 'content-type': 'application/json' }),
      ...identity,
      ...request.headers,
    },
    signal: request.signal ?? NEVER_ABORTED,
    ...(request.body === undefined ? {} : { body: toBody(request.body) }),
    ...(request.cause === undefined ? {} : { cause: request.cause }),
  })

  return {
    async request(request) {
      options.ledger?.begin('request')
      try {
        const turn = options.turns?.enter()
        if (turn !== undefined) await turn
        return toTransportResponse(await handler(toApiRequest(request)))
      } finally {
        options.ledger?.end('request')
      }
    },

    async watch(request, sink) {
      const response = await handler(toApiRequest(request))
      if (response.body.kind !== 'watch') throw refusal(request, toTransportResponse(response))
      return follow(response.body.events, sink, open)
    },

    close() {
      for (const stop of [...open]) stop()
    },
  }
}

/**
 * Connects a watch to its sink so that `onEnd` comes exactly once, also when the caller stops.
 * `open` holds the ways to stop it for as long as it lasts.
 */
function follow(events: WatchSource, sink: WatchSink, open: Set<() => void>): () => void {
  let ended = false
  let unsubscribe = () => {}
  const end = () => {
    if (ended) return
    ended = true
    open.delete(stop)
    sink.onEnd()
  }
  const stop = () => {
    unsubscribe()
    end()
  }
  open.add(stop)
  // A watch that begins too far back ends before `subscribe` returns.
  unsubscribe = events.subscribe({
    onEvents(batch) {
      if (!ended) sink.onEvents(batch)
    },
    onEnd: end,
  })
  return stop
}

const toBody = (body: unknown): NonNullable<ApiRequest['body']> => {
  if (body instanceof Uint8Array) return body
  if (typeof body === 'string') return new TextEncoder().encode(body)
  return { object: body }
}

function toTransportResponse(response: ApiResponse): TransportResponse {
  const { body } = response
  return {
    status: response.status,
    headers: response.headers,
    object: body.kind === 'object' ? body.object : undefined,
    text() {
      if (body.kind === 'object') return decoder.decode(body.json())
      return body.kind === 'bytes' ? decoder.decode(body.bytes) : ''
    },
  }
}

/** The error for an answer that is not a success, with the server's own `Status` if it sent one. */
export function refusal(request: TransportRequest, response: TransportResponse): StatusError {
  const { object } = response
  if (isStatus(object)) return new StatusError(object)
  const nothing = { group: '', resource: '' }
  const { status } = response
  return genericServerResponse(status, request.method, nothing, '', response.text(), 0, true)
}

const isStatus = (value: unknown): value is Status =>
  typeof value === 'object' && value !== null && (value as { kind?: unknown }).kind === 'Status'
