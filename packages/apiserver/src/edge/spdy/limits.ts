/** What a connection may ask of us; each has a bound, whatever the client says. */
export interface SpdyLimits {
  /** Of one frame, without its head. */
  readonly frameBytesMax: number
  /** Of a header block when it is unpacked. */
  readonly headerBytesMax: number
  /** Streams open at once; more are refused. */
  readonly streamsMax: number
  /** What waits in a stream to be read, before the whole connection has to wait. */
  readonly streamRoomBytes: number
}

export const spdyLimits: SpdyLimits = {
  frameBytesMax: 1024 * 1024,
  headerBytesMax: 64 * 1024,
  streamsMax: 1000,
  streamRoomBytes: 256 * 1024,
}
