import type { Cause, KubeObject, WatchEvent } from '@miniplane/api'
import type { WebSocketConnection } from './web-socket.js'

/** One request, whichever way it travels. */
export interface TransportRequest {
  readonly method: string
  /** Path without query, such as `/api/v1/pods`. */
  readonly path: string
  readonly query?: Readonly<Record<string, string | readonly string[] | undefined>>
  /** Lower-case names. */
  readonly headers?: Readonly<Record<string, string>>
  /** An object is sent as JSON; bytes and text go as they are. */
  readonly body?: unknown
  readonly signal?: AbortSignal
  readonly cause?: Cause
}

export interface TransportResponse {
  readonly status: number
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>
  /**
   * The answer's object, when it was JSON. From the in-process transport it may be shared with the
   * server's cache: never write to it, `deepCopy` first.
   */
  readonly object: unknown
  /** The answer as text; computed when asked for. */
  text(): string
}

export interface WatchSink {
  onEvents(events: readonly WatchEvent<KubeObject>[]): void
  /** Comes once and last; `error` says what broke the stream, absent when it ended cleanly. */
  onEnd(error?: unknown): void
}

/**
 * Carries requests to an API server: over HTTPS, or by a call within the process. Both pass the
 * same authentication, authorization and admission.
 */
export interface Transport {
  /** Answers with whatever the server said; rejects only when there was no answer. */
  request(request: TransportRequest): Promise<TransportResponse>
  /**
   * Resolves once the server has accepted the watch, with the function that ends it. Rejects with
   * a `StatusError` when it refused. A broken or finished watch is reported by `sink.onEnd`.
   */
  watch(request: TransportRequest, sink: WatchSink): Promise<() => void>
  /**
   * Opens a WebSocket for a conversation with a container, in one of the subprotocols. Rejects with a
   * `StatusError` when the server refused. Absent where no network is in between.
   */
  openWebSocket?(
    request: TransportRequest,
    protocols: readonly string[],
  ): Promise<WebSocketConnection>
  /** Bytes of an answer as they come. Rejects with a `StatusError` when the server refused. */
  stream?(request: TransportRequest): Promise<AsyncIterable<Uint8Array>>
  /** Ends open connections and watches. */
  close(): void
}

/** Path and query as one string; leaves out parameters without a value. */
export function pathWithQuery(path: string, query: TransportRequest['query']): string {
  const parameters = searchParameters(query).toString()
  return parameters === '' ? path : `${path}?${parameters}`
}

export function searchParameters(query: TransportRequest['query']): URLSearchParams {
  const parameters = new URLSearchParams()
  for (const [name, value] of Object.entries(query ?? {})) {
    for (const one of value === undefined ? [] : [value].flat()) parameters.append(name, one)
  }
  return parameters
}
