import type { ContainerRun } from '../pod/container-run.js'
import type { PodWorker } from '../pod/pod-worker.js'

/** A container that runs, on this node. */
export interface RunningContainer {
  readonly worker: PodWorker
  readonly container: ContainerRun
  /** Aborted when this run of it is over. */
  readonly signal: AbortSignal
}
