import type { NodeInfo } from '../snapshot/node-info.js'
import type { PodInfo } from '../snapshot/pod-info.js'

/** What has changed: as it is now, unless it `isLess`. */
export interface Changed {
  readonly node?: NodeInfo
  readonly pod?: PodInfo
  /** The Pod is as it was, and is so no longer. */
  readonly isLess?: boolean
}
