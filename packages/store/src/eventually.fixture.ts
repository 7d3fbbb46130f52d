import { systemClock } from './server/system-clock.js'

export const sleep = (delayMs: number): Promise<void> =>
  new Promise((resolve) => systemClock.setTimer(delayMs, resolve))

/** Resolves once `claim` holds; rejects with it when it doesn't in time. */
export async function eventually(claim: () => boolean, timeoutMs = 15_000): Promise<void> {
  const deadlineMs = systemClock.now() + timeoutMs
  while (!claim()) {
    if (systemClock.now() > deadlineMs) throw new Error(`never came true: ${claim}`)
    await sleep(5)
  }
}
