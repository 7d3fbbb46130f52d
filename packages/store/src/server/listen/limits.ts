/** The bounds of the listeners. */
export interface ListenLimits {
  /** Connections at a time on one address; further ones are closed at once. */
  readonly connectionsMax: number
  /** Connections that may wait for the member to be ready. */
  readonly waitingMax: number
  /** Until a connection has said which protocol it speaks. */
  readonly firstBytesTimeoutMs: number
  readonly handshakeTimeoutMs: number
}

export const defaultListenLimits: ListenLimits = {
  connectionsMax: 65_536,
  waitingMax: 4096,
  firstBytesTimeoutMs: 10_000,
  handshakeTimeoutMs: 10_000,
}
