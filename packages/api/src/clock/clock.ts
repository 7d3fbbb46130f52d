/**
 * Where time comes from. Every component is handed a `Clock`, so that a test can hold time still,
 * advance it by an hour, and run many planes with different times side by side.
 */
export interface Clock {
  /** Wall time in milliseconds since the epoch; has a fraction, since some API times count µs. */
  now(): number
  /** Milliseconds since some fixed moment; never goes back. For durations. */
  monotonic(): number
  /**
   * Calls `callback` once, `delayMs` from now. A timer never keeps the process alive by itself:
   * what must stay up (a listening socket) does that.
   */
  setTimer(delayMs: number, callback: () => void): Timer
}

/** A pending callback; `cancel()` after it ran does nothing. */
export interface Timer {
  cancel(): void
}

/** Resolves after `delayMs`; rejects with `signal.reason` when aborted first. */
export function sleep(clock: Clock, delayMs: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason)
    const onAbort = () => {
      timer.cancel()
      reject(signal?.reason)
    }
    const timer = clock.setTimer(delayMs, () => {
      signal?.removeEventListener('abort', onAbort)
      resolve()
    })
    signal?.addEventListener('abort', onAbort, { once: true })
  })
}
