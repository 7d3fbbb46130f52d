/** What a request says before its body. Names are lower case. */
export interface RequestHead {
  readonly method: string
  /** With the query, as it came. */
  readonly path: string
  readonly scheme: string
  readonly authority: string
  /** Names and values in turn, without the pseudo-headers, in their order. */
  readonly fields: readonly string[]
  /** The first value of a field. */
  get(name: string): string | undefined
}

/** Names and values in turn: `['content-type', 'application/json', …]`, lower case. */
export type HeaderFields = readonly string[]

/** The answering half of one request. Nothing of it throws once the stream is closed: it is dropped. */
export interface ServerStream {
  readonly connection: ServerConnection
  readonly isClosed: boolean
  /** Bytes given to `respond` and `write` that the client's windows did not let out yet. */
  readonly queuedBytes: number
  /**
   * Status and headers, once. With `end`, `body` is all there is. The bytes are the stream's from
   * here on: nobody writes to them. What is sent in one turn of the event loop leaves in one write.
   */
  respond(status: number, fields: HeaderFields, body?: Uint8Array, end?: boolean): void
  write(bytes: Uint8Array): void
  /** Ends the answer, with trailers if there are any. */
  end(trailers?: HeaderFields): void
  /** RST_STREAM. */
  reset(code: number): void
  /** Stops taking in the body: the client's window closes when it is full. And goes on. */
  pause(): void
  resume(): void
}

/** Who gets what comes of one request. All calls come in order; none after `closed`. */
export interface StreamReceiver {
  /** The bytes are the receiver's to keep. */
  data(bytes: Uint8Array): void
  /** The request is complete; `trailers` are seldom there. */
  end(trailers?: HeaderFields): void
  /** `queuedBytes` has fallen to 0 after it was more. */
  drained?(): void
  /** The stream is over. `code` is undefined when both sides ended it in peace. */
  closed(code: number | undefined): void
}

export interface ServerConnection {
  /** Streams that are open. */
  readonly openStreams: number
  /** Sends GOAWAY, lets what is under way end, and closes the socket. */
  close(): void
  destroy(): void
}
