import type { WatchResponse } from '../../../wire/watch.js'
import type { WatchBatch, WatchEvent } from '../../store-client.js'

type WireEvent = WatchResponse['events'][number]

/**
 * Makes batches of what a watch receives: fragments are joined, and a response that holds several
 * revisions becomes a batch each. etcd never splits a revision, except into fragments.
 */
export class EventBatches {
  #fragments: WireEvent[] = []

  take({ events, fragment }: WatchResponse): readonly WatchBatch[] {
    if (fragment) {
      this.#fragments.push(...events)
      return []
    }
    if (this.#fragments.length === 0) return split(events)
    const all = [...this.#fragments, ...events]
    this.#fragments = []
    return split(all)
  }

  /** A response whose rest will not come any more. */
  forget(): void {
    this.#fragments = []
  }
}

function split(events: readonly WireEvent[]): readonly WatchBatch[] {
  const batches: { revision: number; events: WatchEvent[] }[] = []
  for (const { type, kv, prevKv } of events) {
    if (kv === undefined) continue
    const event = prevKv === undefined ? { type, kv } : { type, kv, prevKv }
    const last = batches.at(-1)
    if (last?.revision === kv.modRevision) last.events.push(event)
    else batches.push({ revision: kv.modRevision, events: [event] })
  }
  return batches
}
