import type { CompactionPolicy } from './policy.js'

/** Keeps the last `retention` revisions. Source: etcd, v3compactor/revision.go. */
export class RevisionCompaction implements CompactionPolicy {
  readonly lookIntervalMs = 5 * 60 * 1000
  readonly #retention: number
  readonly #revision: () => number
  #lastRevision = 0

  constructor(retention: number, revision: () => number) {
    this.#retention = retention
    this.#revision = revision
  }

  note(): void {}

  due(): number | undefined {
    const revision = this.#revision() - this.#retention
    return revision > 0 && revision !== this.#lastRevision ? revision : undefined
  }

  done(revision: number): void {
    this.#lastRevision = revision
  }
}
