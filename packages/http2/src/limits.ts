/** What a connection may ask of us. Each has a bound, whatever the client says. */
export interface Http2Limits {
  /** Streams open at once on a connection; more are refused (`REFUSED_STREAM`). */
  readonly concurrentStreamsMax: number
  /** Bytes of a decoded header list. More is answered 431 and the stream ends. */
  readonly headerListBytesMax: number
  /** Bytes of request bodies that a client may send ahead, by stream and by connection. */
  readonly streamWindowBytes: number
  readonly connectionWindowBytes: number
  /** Bytes that wait for a client that reads slowly; a connection with more is cut. */
  readonly queuedBytesMax: number
  /** Resets and pings a connection may cause in a second before it is sent away. */
  readonly nuisancesPerSecondMax: number
}

export const defaultLimits: Http2Limits = {
  concurrentStreamsMax: 250,
  headerListBytesMax: 64 * 1024,
  streamWindowBytes: 1024 * 1024,
  connectionWindowBytes: 16 * 1024 * 1024,
  queuedBytesMax: 64 * 1024 * 1024,
  nuisancesPerSecondMax: 1000,
}
