import type { KubeObject, WatchEvent } from '../machinery/objects.js'
import type { Cause } from './cause.js'
import type { CommandSession, PortSession, StreamOptions } from './node-connection.js'

/**
 * One request to the API, whichever way it came. The HTTPS edge makes it from a socket, a
 * component in the same process makes it directly; the pipeline can't tell.
 */
export interface ApiRequest {
  readonly method: string
  /** Escaped path without the query, such as `/api/v1/namespaces/default/pods`. */
  readonly path: string
  readonly query: URLSearchParams
  /** Lower-case names. Credentials travel here too (`authorization`). */
  readonly headers: Readonly<Record<string, string | undefined>>
  /** Bytes as they came, or an object that a caller in this process hands over (never changed). */
  readonly body?: Uint8Array | { readonly object: unknown }
  /** The verified client certificate of the connection, if it has one: one object a connection. */
  readonly clientCertificate?: {
    readonly commonName: string
    readonly organizations: string[]
    /** Of the whole certificate, in lower-case hexadecimal digits. */
    readonly sha256: string
    /** Of the certificates of those who vouch for it, likewise; the nearest first. */
    readonly issuers: readonly string[]
  }
  /** The connection showed a certificate that is not to be trusted: who has nothing better is refused. */
  readonly hasUntrustedCertificate?: boolean
  /** Aborted when the caller went away. */
  readonly signal: AbortSignal
  /** What led to this request, as far as the caller knows. */
  readonly cause?: Cause
}

export interface ApiResponse {
  readonly status: number
  readonly headers: Readonly<Record<string, string | readonly string[]>>
  readonly body: ResponseBody
}

export type ResponseBody =
  /**
   * One object or list. `object` may be shared with the watch cache and other callers: frozen in
   * spirit, never to be written to. `json()` gives its encoded form, reusing stored bytes; `parts()`
   * gives it in pieces, where joining them would cost more than writing one after the other.
   */
  | {
      readonly kind: 'object'
      readonly object: unknown
      readonly json: () => Uint8Array
      readonly parts?: (() => readonly Uint8Array[]) | undefined
    }
  /** Events for as long as the watch lasts. */
  | { readonly kind: 'watch'; readonly events: WatchSource }
  /** Anything else: plain text, metrics, OpenAPI. */
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array }
  /** Bytes for as long as they come: a log that is followed. `open` is called once. */
  | { readonly kind: 'stream'; readonly open: (signal: AbortSignal) => AsyncIterable<Uint8Array> }
  /** A conversation that needs a connection of its own: for a client that asked for an upgrade. */
  | { readonly kind: 'upgrade'; readonly conversation: Conversation }
  | { readonly kind: 'none' }

/** What is talked about once a connection speaks another protocol; which one is the edge's business. */
export type Conversation =
  | { readonly kind: 'command'; readonly options: StreamOptions; readonly session: CommandSession }
  | {
      readonly kind: 'ports'
      readonly session: PortSession
      /** Named in the query: where the protocol has no way to ask for one. */
      readonly ports: readonly number[]
    }

/** An event and, when someone has asked for them once, its bytes; shared by all watchers. */
export interface EncodedWatchEvent extends WatchEvent<KubeObject> {
  /** As it is sent: `{"type":…,"object":…}` and a newline; in protobuf a frame. */
  readonly bytes: () => Uint8Array
}

/**
 * A watch as the pipeline hands it out: pushed, because delivery must not wait for a poll. The
 * caller subscribes once; `onEvents` gets events in order, `onEnd` comes last and once.
 */
export interface WatchSource {
  /** Returns the function that ends the watch. */
  subscribe(sink: {
    onEvents(events: readonly EncodedWatchEvent[]): void
    onEnd(): void
  }): () => void
}

/** What answers an `ApiRequest`: the whole API server, seen from outside. Never rejects. */
export type ApiHandler = (request: ApiRequest) => Promise<ApiResponse>
