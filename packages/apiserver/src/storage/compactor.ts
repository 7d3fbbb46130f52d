import type { Clock, Timer } from '@miniplane/api'
import { type StoreClient, StoreError } from '@miniplane/store'
import type { Log } from '../log.js'

export interface CompactorOptions {
  readonly store: StoreClient
  readonly clock: Clock
  readonly log: Log
  /** How much history stays readable, and how often the rest is dropped. 0: nothing is dropped. */
  readonly intervalMs: number
}

/**
 * Drops the store's history as the real API server does: at each interval, everything before the
 * revision that was current one interval ago. Returns the function that stops it.
 */
export function startCompactor({ store, clock, log, intervalMs }: CompactorOptions): () => void {
  let timer: Timer | undefined
  let isStopped = false
  let lastRevision = 0
  const compact = async (): Promise<void> => {
    const { revision } = (await store.status()).header
    if (lastRevision > 0) await compactTo(lastRevision)
    lastRevision = revision
  }
  const compactTo = async (revision: number): Promise<void> => {
    try {
      await store.compact(revision)
    } catch (error) {
      // Another server over the same store was faster.
      if (!(error instanceof StoreError && error.code === 'Compacted')) throw error
    }
  }
  const schedule = (): void => {
    timer = clock.setTimer(intervalMs, () => {
      compact()
        // The next round drops what this one could not.
        .catch((error: unknown) => log.warn('the history could not be compacted', { error }))
        .finally(() => {
          if (!isStopped) schedule()
        })
    })
  }
  if (intervalMs > 0) schedule()
  return () => {
    isStopped = true
    timer?.cancel()
  }
}
