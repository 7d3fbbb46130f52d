import type { Clock, Ledger, Timer, Trigger } from '@miniplane/api'
import type { Changed } from '../framework/changed.js'
import { limits } from '../limits.js'
import { prioritySort } from '../plugins/priority-sort.js'
import { schedulingGates } from '../plugins/scheduling-gates.js'
import type { PodInfo } from '../snapshot/pod-info.js'
import type { ClusterEvent, PodEvent } from './cluster-event.js'
import { Heap } from './heap.js'
import { QueuedPod } from './queued-pod.js'

export interface QueueOptions {
  readonly clock: Clock
  readonly ledger: Ledger
  /** Which changes each plugin waits for once it has turned a Pod away. */
  readonly retryOn: ReadonlyMap<string, readonly ClusterEvent[]>
  /** Whether a change of a kind that the plugin waits for may help this Pod. */
  mayHelp(plugin: string, pod: PodInfo, changed: Changed): boolean
  /** Called when there is something to `pop`; must not pop before it returns. */
  readonly onReady: () => void
}

/**
 * Pods that wait for a node, in one of four places:
 *
 *     gated ──gates removed──▶ active ──pop──▶ (being scheduled) ──▶ unschedulable
 *                                ▲                                     │ event, or 5 minutes
 *                                └── backing off ◀─────────────────────┘
 *
 * Who is in backoff because it did not fit may go early when nobody else is waiting; who is there
 * because an error occurred may not.
 */
export class SchedulingQueue {
  readonly #options: QueueOptions
  readonly #pods = new Map<string, QueuedPod>()
  readonly #active = new Heap<QueuedPod>(prioritySort)
  readonly #backoff = new Heap<QueuedPod>((a, b) => a.readyAtMs - b.readyAtMs)
  readonly #errorBackoff = new Heap<QueuedPod>((a, b) => a.readyAtMs - b.readyAtMs)
  readonly #unschedulable = new Set<QueuedPod>()
  #order = 0
  #timer: Timer | undefined
  #timerDueMs = Number.POSITIVE_INFINITY

  constructor(options: QueueOptions) {
    this.#options = options
  }

  /** Pods by place; for messages and metrics. */
  get sizes() {
    return {
      active: this.#active.size,
      backoff: this.#backoff.size + this.#errorBackoff.size,
      unschedulable: this.#unschedulable.size,
    }
  }

  add(info: PodInfo, trigger: Trigger): void {
    if (this.#pods.has(info.uid)) {
      this.update(info, [], trigger)
      return
    }
    const queued = new QueuedPod(info, this.#options.clock.now(), this.#order++)
    this.#pods.set(info.uid, queued)
    queued.addTrigger(trigger)
    this.#enter(queued)
  }

  /** The Pod changed; `events` says in what ways that may matter for where it fits. */
  update(info: PodInfo, events: readonly PodEvent[], trigger: Trigger): void {
    const queued = this.#pods.get(info.uid)
    if (!queued) {
      this.add(info, trigger)
      return
    }
    const wasActive = this.#active.remove(queued)
    queued.info = info
    if (wasActive) this.#active.push(queued)
    if (!this.#unschedulable.has(queued) || events.length === 0) return
    queued.addTrigger(trigger)
    this.#unschedulable.delete(queued)
    this.#enter(queued)
  }

  /** The latest version of a Pod that is waiting or being scheduled. */
  get(uid: string): PodInfo | undefined {
    return this.#pods.get(uid)?.info
  }

  /** Forgets the Pod: it is gone, or has a node. */
  delete(uid: string): void {
    const queued = this.#pods.get(uid)
    if (!queued) return
    this.#pods.delete(uid)
    this.#takeOut(queued)
  }

  /** The next Pod to schedule. Give it back by `unschedulable` or `failed`, or `delete` it. */
  pop(): QueuedPod | undefined {
    let queued = this.#active.pop()
    if (queued) this.#options.ledger.end('queuedKey')
    else queued = this.#backoff.pop()
    if (queued) queued.attempts++
    return queued
  }

  /** It fits nowhere: wait for something that these plugins wait for. */
  unschedulable(queued: QueuedPod, refusedBy: ReadonlySet<string>): void {
    if (!this.#isCurrent(queued)) return
    queued.refusedBy = refusedBy
    queued.failedAtMs = this.#options.clock.now()
    this.#unschedulable.add(queued)
    this.#setTimer(queued.failedAtMs + limits.unschedulableMaxMs)
  }

  /** An error came in between: try again after a pause. */
  failed(queued: QueuedPod): void {
    if (!this.#isCurrent(queued)) return
    queued.failedAtMs = this.#options.clock.now()
    queued.readyAtMs = queued.failedAtMs + queued.backoffMs
    this.#errorBackoff.push(queued)
    this.#setTimer(queued.readyAtMs)
  }

  /** Something changed: whoever waits for it gets another chance. */
  onEvent(event: ClusterEvent, trigger: Trigger, changed: Changed = {}): void {
    for (const queued of this.#unschedulable) {
      if (!this.#waitsFor(queued, event, changed)) continue
      queued.addTrigger(trigger)
      this.#unschedulable.delete(queued)
      this.#enter(queued)
    }
  }

  /** Drops everything. */
  close(): void {
    this.#timer?.cancel()
    for (const uid of [...this.#pods.keys()]) this.delete(uid)
  }

  #waitsFor(queued: QueuedPod, event: ClusterEvent, changed: Changed): boolean {
    // Turned away by nobody in particular, such as when there were no nodes: anything may help.
    if (queued.refusedBy.size === 0) return true
    for (const plugin of queued.refusedBy) {
      const isAwaited = this.#options.retryOn.get(plugin)?.includes(event)
      if (isAwaited && this.#options.mayHelp(plugin, queued.info, changed)) return true
    }
    return false
  }

  /** Into the place where a Pod belongs that is not known to fit nowhere. */
  #enter(queued: QueuedPod): void {
    const nowMs = this.#options.clock.now()
    if (schedulingGates.isGated(queued.info.pod)) {
      queued.refusedBy = new Set([schedulingGates.name])
      this.#unschedulable.add(queued)
      return
    }
    const readyAtMs = queued.attempts === 0 ? nowMs : queued.failedAtMs + queued.backoffMs
    if (readyAtMs <= nowMs) {
      this.#activate(queued)
      return
    }
    queued.readyAtMs = readyAtMs
    this.#backoff.push(queued)
    this.#setTimer(readyAtMs)
    this.#options.onReady()
  }

  #activate(queued: QueuedPod): void {
    queued.queuedAtMs = this.#options.clock.now()
    this.#active.push(queued)
    this.#options.ledger.begin('queuedKey')
    this.#options.onReady()
  }

  #takeOut(queued: QueuedPod): void {
    if (this.#active.remove(queued)) this.#options.ledger.end('queuedKey')
    this.#backoff.remove(queued)
    this.#errorBackoff.remove(queued)
    this.#unschedulable.delete(queued)
  }

  /** False when it was deleted, or deleted and added again, while it was being scheduled. */
  #isCurrent(queued: QueuedPod): boolean {
    return this.#pods.get(queued.info.uid) === queued
  }

  #setTimer(dueMs: number): void {
    if (dueMs >= this.#timerDueMs) return
    this.#timer?.cancel()
    this.#timerDueMs = dueMs
    const { clock } = this.#options
    this.#timer = clock.setTimer(dueMs - clock.now(), () => this.#onTimer())
  }

  #onTimer(): void {
    this.#timerDueMs = Number.POSITIVE_INFINITY
    const nowMs = this.#options.clock.now()
    for (const heap of [this.#backoff, this.#errorBackoff]) {
      for (let next = heap.peek(); next && next.readyAtMs <= nowMs; next = heap.peek()) {
        heap.remove(next)
        this.#activate(next)
      }
    }
    let nextFlushMs = Number.POSITIVE_INFINITY
    for (const queued of this.#unschedulable) {
      if (schedulingGates.isGated(queued.info.pod)) continue
      const flushAtMs = queued.failedAtMs + limits.unschedulableMaxMs
      if (flushAtMs > nowMs) nextFlushMs = Math.min(nextFlushMs, flushAtMs)
      else {
        this.#unschedulable.delete(queued)
        this.#enter(queued)
      }
    }
    const nextReady = [this.#backoff, this.#errorBackoff].map((heap) => heap.peek()?.readyAtMs)
    const next = Math.min(nextFlushMs, ...nextReady.map((ms) => ms ?? Number.POSITIVE_INFINITY))
    if (next < Number.POSITIVE_INFINITY) this.#setTimer(next)
  }
}
