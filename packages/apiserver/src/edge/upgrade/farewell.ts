import type { Clock } from '@miniplane/api'

/** For what a client has not read when its process has ended, such as one that sits before a pager. */
const FAREWELL_MS_MAX = 5 * 60_000

/** Waits until the client has been told all. One that does not read is cut off after a while. */
export async function sayFarewell(
  clock: Clock,
  telling: Promise<void>,
  cut: () => void,
): Promise<void> {
  const timer = clock.setTimer(FAREWELL_MS_MAX, cut)
  try {
    await telling
  } finally {
    timer.cancel()
  }
}
