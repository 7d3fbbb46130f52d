import type { Cause, Clock, Pod, Timer } from '@miniplane/api'
import { limits } from '../limits.js'
import type { QueuedPod } from '../queue/queued-pod.js'

/** A Pod that has its node, but not its volumes yet. */
export interface PendingBinding {
  readonly queued: QueuedPod
  readonly nodeName: string
  readonly cause: Cause
}

export interface PendingOptions {
  readonly clock: Clock
  isBound(pod: Pod): boolean
  onBound(pending: PendingBinding): void
  onTimeout(pending: PendingBinding): void
}

/** Pods whose volumes others are at work on: a provisioner may take minutes. */
export class PendingBindings {
  readonly #options: PendingOptions
  readonly #byUid = new Map<string, { readonly pending: PendingBinding; readonly timer: Timer }>()

  constructor(options: PendingOptions) {
    this.#options = options
  }

  add(pending: PendingBinding): void {
    const { uid } = pending.queued.info
    const timer = this.#options.clock.setTimer(limits.volumeBindingMs, () => {
      this.#byUid.delete(uid)
      this.#options.onTimeout(pending)
    })
    this.#byUid.set(uid, { pending, timer })
  }

  /** A claim has changed. */
  look(): void {
    for (const [uid, { pending }] of this.#byUid) {
      if (!this.#options.isBound(pending.queued.info.pod)) continue
      this.delete(uid)
      this.#options.onBound(pending)
    }
  }

  /** The Pod is gone. */
  delete(uid: string): void {
    this.#byUid.get(uid)?.timer.cancel()
    this.#byUid.delete(uid)
  }

  close(): void {
    for (const uid of [...this.#byUid.keys()]) this.delete(uid)
  }
}
