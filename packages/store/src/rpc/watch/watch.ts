import type { WatchSubscription } from '../../client/store-client.js'

/** One watch of a stream. */
export interface Watch {
  readonly id: bigint
  /** Whether a large batch may be cut. */
  readonly fragment: boolean
  subscription: WatchSubscription | undefined
  isPaused: boolean
}
