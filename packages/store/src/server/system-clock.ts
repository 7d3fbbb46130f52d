import type { Clock } from '../clock.js'

/** The machine's own time. */
export const systemClock: Clock = {
  // Never goes back while the process lives: leases and elections count with it.
  now: () => performance.timeOrigin + performance.now(),
  setTimer(delayMs, callback) {
    // Node turns longer delays into 1 ms; a timer that far out is as good as none.
    const timer = setTimeout(callback, Math.min(Math.max(delayMs, 0), 0x7fffffff))
    timer.unref()
    return { cancel: () => clearTimeout(timer) }
  },
}
