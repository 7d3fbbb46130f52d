import type { Trigger } from '@miniplane/api'
import { limits } from '../limits.js'
import type { Queued } from '../plugins/priority-sort.js'
import type { PodInfo } from '../snapshot/pod-info.js'

/** A Pod that waits for a node, with what is remembered between attempts. */
export class QueuedPod implements Queued {
  info: PodInfo
  queuedAtMs: number
  readonly order: number
  attempts = 0
  /** When it may be tried again; meaningful while it backs off. */
  readyAtMs = 0
  /** When the last attempt failed. */
  failedAtMs = 0
  /** Plugins that turned it away; only what they wait for brings it back. */
  refusedBy: ReadonlySet<string> = new Set()
  #triggers: Trigger[] = []

  constructor(info: PodInfo, nowMs: number, order: number) {
    this.info = info
    this.queuedAtMs = nowMs
    this.order = order
  }

  get priority(): number {
    return this.info.priority
  }

  /** Remembers a change that speaks for another attempt. */
  addTrigger(trigger: Trigger): void {
    this.#triggers.push(trigger)
    if (this.#triggers.length > limits.triggersPerPodMax) this.#triggers.shift()
  }

  /** What led to the attempt that begins now. */
  takeTriggers(): readonly Trigger[] {
    const triggers = this.#triggers
    this.#triggers = []
    return triggers
  }

  get backoffMs(): number {
    const doublings = Math.min(Math.max(this.attempts - 1, 0), 30)
    return Math.min(limits.backoffFirstMs * 2 ** doublings, limits.backoffMaxMs)
  }
}
