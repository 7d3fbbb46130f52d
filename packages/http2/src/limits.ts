/** What a connection may ask of us. Each has a bound, whatever the client says. */
export interface Http2Limits {
  /** Streams open at once on a connection; more are refused (`REFUSED_STREAM`). */
  readonly concurrentStreamsMax: number
  /** Bytes of a decoded header list. More is answered 431 and the stream ends. */
  readonly headerListBytesMax: number
  /** Bytes of request bodies that a client may send ahead, by stream and by connection. */
  readonly streamWindowBytes: number
  readonly connectionWindowBytes: number
  /**
   * Bytes that wait for a client that reads slowly. Beyond them new requests are refused, and a
   * stream that goes on writing cuts the connection.
   */
  readonly queuedBytesMax: number
  /**
   * Frames that only make work (resets, pings, settings, empty or unknown ones) in a second, before a
   * connection is sent away.
   */
  readonly nuisancesPerSecondMax: number
  /** Until a client has said its preface and its settings. */
  readonly handshakeTimeoutMs: number
}

export const defaultLimits: Http2Limits = {
  concurrentStreamsMax: 250,
  headerListBytesMax: 64 * 1024,
  streamWindowBytes: 1024 * 1024,
  connectionWindowBytes: 16 * 1024 * 1024,
  queuedBytesMax: 64 * 1024 * 1024,
  nuisancesPerSecondMax: 1000,
  handshakeTimeoutMs: 10_000,
}
