import { limits } from './limits.js'

interface Failure {
  readonly atMs: number
  readonly delayMs: number
}

/**
 * Slows down the replacement of Pods that fail again and again on a node: a kubelet may reject
 * them as fast as they are made.
 */
export class FailedPods {
  readonly #failures = new Map<string, Failure>()

  /** 0: replace it now, and that counts; otherwise how long to leave it. */
  waitMs(key: string, nowMs: number): number {
    const last = this.#failures.get(key)
    if (last !== undefined && nowMs < last.atMs + last.delayMs) {
      return last.atMs + last.delayMs - nowMs
    }
    const isForgotten = last === undefined || nowMs - last.atMs > 2 * limits.failedPodMaxMs
    const delayMs = isForgotten
      ? limits.failedPodFirstMs
      : Math.min(last.delayMs * 2, limits.failedPodMaxMs)
    this.#failures.set(key, { atMs: nowMs, delayMs })
    return 0
  }

  /** Of every node of this owner. */
  forget(owner: string): void {
    for (const key of this.#failures.keys()) {
      if (key.startsWith(`${owner}/`)) this.#failures.delete(key)
    }
  }
}
