/**
 * Where the store's time comes from: leases and progress notifications. Handed in by whoever opens
 * the store, so that a test can hold it still. (The same shape as the API package's clock; the
 * store imports nothing of ours.)
 */
export interface Clock {
  /** Wall time in milliseconds since the epoch. */
  now(): number
  /** Calls `callback` once, `delayMs` from now, and never before it returns. */
  setTimer(delayMs: number, callback: () => void): Timer
}

/** A pending callback; `cancel()` after it ran does nothing. */
export interface Timer {
  cancel(): void
}

/**
 * Runs something after other work has had its turn. Long work is cut into slices with it. Not a
 * timer: it must go on while a held clock stands still.
 */
export type YieldTurn = (run: () => void) => void

/** A turn of the event loop, in which sockets are read and timers fire. */
export const eventLoopTurn: YieldTurn = (run) => {
  setImmediate(run)
}
