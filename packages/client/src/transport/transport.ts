import type { Cause, KubeObject, WatchEvent } from '@miniplane/api'

/** One request, whichever way it travels. */
export interface TransportRequest {
  readonly method: string
  /** Path without query, such as `/api/v1/pods`. */
  readonly path: string
  readonly query?: Readonly<Record<string, string | undefined>>
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
    if (value !== undefined) parameters.set(name, value)
  }
  return parameters
}
