/** Pods that were let go, by their Job, for as long as the cache may still show their finalizer. */
export class ReleasedPods {
  readonly #byJob = new Map<string, Set<string>>()

  of(job: string): ReadonlySet<string> {
    return this.#byJob.get(job) ?? EMPTY
  }

  add(job: string, pod: string): void {
    const pods = this.#byJob.get(job)
    if (pods) pods.add(pod)
    else this.#byJob.set(job, new Set([pod]))
  }

  /** The cache shows it, or it did not come to that. */
  remove(job: string, pod: string): void {
    const pods = this.#byJob.get(job)
    pods?.delete(pod)
    if (pods?.size === 0) this.#byJob.delete(job)
  }

  forget(job: string): void {
    this.#byJob.delete(job)
  }
}

const EMPTY: ReadonlySet<string> = new Set()
