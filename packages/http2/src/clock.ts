/**
 * Where a connection's time comes from: deadlines of pings and of what closes. Handed in, so that a
 * test can hold it still. (The shape that the store's clock has, too; this package imports nothing
 * of ours.)
 */
export interface Clock {
  /** Wall time in milliseconds since the epoch. */
  now(): number
  /** Calls `callback` once, `delayMs` from now, and never before it returns. */
  setTimer(delayMs: number, callback: () => void): { cancel(): void }
}
