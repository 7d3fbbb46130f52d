import type { Duplex } from 'node:stream'

/** What a request says before its body. Names are lower case. */
export interface RequestHead {
  readonly method: string
  /** With the query, as it came. */
  readonly path: string
  readonly scheme: string
  /** What `:authority` says, else `host`, else ''. */
  readonly authority: string
  /** Names and values in turn, without the pseudo-headers, in their order. */
  readonly fields: HeaderFields
  /** The first value of a field. */
  get(name: string): string | undefined
}

/** Names and values in turn: `['content-type', 'application/json', …]`, lower case, latin1. */
export type HeaderFields = readonly string[]

/** In one piece, or in several that follow each other and share frames. */
export type Bytes = Uint8Array | readonly Uint8Array[]

/** The answering half of one request. Nothing of it throws once the stream is closed: it is dropped. */
export interface ServerStream {
  readonly connection: ServerConnection
  readonly isClosed: boolean
  /** Bytes given to `respond` and `write` that neither the client's windows nor the network took yet. */
  readonly queuedBytes: number
  /**
   * Status and headers, once. With `end`, `body` is all there is. The bytes are the stream's from
   * here on: nobody writes to them. What is sent in one turn of the event loop leaves in one write.
   * Frozen fields are taken for ones that come again: how they are encoded is kept.
   */
  respond(status: number, fields: HeaderFields, body?: Bytes, end?: boolean): void
  write(bytes: Bytes): void
  /** Ends the answer, with trailers if there are any. */
  end(trailers?: HeaderFields): void
  /** RST_STREAM. The receiver gets `closed` with the code. */
  reset(code: number): void
  /** Stops taking in the body: the client's window closes when it is full. And goes on. */
  pause(): void
  resume(): void
}

/** Who gets what comes of one request. All calls come in order; none after `closed`, and none may throw. */
export interface StreamReceiver {
  /** Never empty. The bytes are the receiver's to keep; they are a view of a larger chunk. */
  data(bytes: Buffer): void
  /** The request is complete; `trailers` are seldom there. */
  end(trailers?: HeaderFields): void
  /** `queuedBytes` has fallen to 0 after it was more. */
  drained?(): void
  /**
   * The stream is over. `code` is undefined when both sides ended it in peace, `noError` when we
   * answered and let the client say no more, else the code of who reset it; a connection that is lost
   * cancels.
   */
  closed(code: number | undefined): void
}

export interface ServerConnection {
  readonly socket: Duplex
  /** Streams that are open. */
  readonly openStreams: number
  /** Refuses new streams, lets what is under way end, and closes the socket. */
  close(): void
  /** Says why if a code is given, and cuts all off. */
  destroy(code?: number, text?: string): void
}
