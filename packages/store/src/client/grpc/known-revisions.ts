import type { Header } from '../store-client.js'
import type { ErrorContext } from './remote-error.js'

/** What a client has heard of its store's revisions: etcd's errors don't name them. */
export class KnownRevisions {
  /** 0: not known. */
  compactRevision = 0
  #currentRevision = 0

  saw<T extends { readonly header: Header }>(answer: T): T {
    this.#currentRevision = Math.max(this.#currentRevision, answer.header.revision)
    return answer
  }

  compacted(revision: number): void {
    this.compactRevision = Math.max(this.compactRevision, revision)
  }

  /** For the error that refuses `requestedRevision`: what is known to be outdated is not told. */
  contextOf(requestedRevision: number): ErrorContext {
    const isOutdated = this.compactRevision < requestedRevision
    return {
      requestedRevision,
      compactRevision: isOutdated ? -1 : this.compactRevision,
      currentRevision: this.#currentRevision,
    }
  }
}
