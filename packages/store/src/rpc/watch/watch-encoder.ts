import type { WatchBatch, WatchEvent } from '../../client/store-client.js'
import { WatchResponse } from '../../wire/watch.js'
import type { ResponseHeaders } from '../response-header.js'

/**
 * Responses with events, as bytes. A transaction reaches every watcher in one go, so it is enough to
 * remember the last event, header and response: thousands of streams then send the same bytes.
 *
 * Fields are encoded apart and put together: a message is the concatenation of its fields.
 */
export class WatchEncoder {
  readonly #headers: ResponseHeaders
  #event: WatchEvent | undefined
  #eventBytes: Uint8Array = NO_BYTES
  #events: readonly WatchEvent[] | undefined
  #eventsBytes: readonly Uint8Array[] = []
  #revision = -1
  #raftTerm = -1
  #headerBytes: Uint8Array = NO_BYTES
  #lastOnly: { header: Uint8Array; watchId: bigint; event: Uint8Array } | undefined
  #lastResponse: Uint8Array = NO_BYTES

  constructor(headers: ResponseHeaders) {
    this.#headers = headers
  }

  /** Each event of the batch as a field of the response. */
  events({ events }: WatchBatch): readonly Uint8Array[] {
    if (events === this.#events) return this.#eventsBytes
    this.#eventsBytes = events.map((event) => this.#eventField(event))
    this.#events = events
    return this.#eventsBytes
  }

  #eventField(event: WatchEvent): Uint8Array {
    if (event !== this.#event) {
      this.#eventBytes = WatchResponse.encode({ events: [event] })
      this.#event = event
    }
    return this.#eventBytes
  }

  /** `fields` are what `events` answered. */
  response(
    watchId: bigint,
    revision: number,
    fields: readonly Uint8Array[],
    fragment = false,
  ): Uint8Array {
    const header = this.#header(revision)
    const [event] = fields
    if (fields.length > 1 || event === undefined || fragment) {
      return Buffer.concat([header, WatchResponse.encode({ watchId, fragment }), ...fields])
    }
    const last = this.#lastOnly
    if (last?.event === event && last.header === header && last.watchId === watchId) {
      return this.#lastResponse
    }
    this.#lastOnly = { header, watchId, event }
    this.#lastResponse = Buffer.concat([header, WatchResponse.encode({ watchId }), event])
    return this.#lastResponse
  }

  #header(revision: number): Uint8Array {
    const header = this.#headers.at({ revision })
    if (revision !== this.#revision || header.raftTerm !== this.#raftTerm) {
      this.#headerBytes = WatchResponse.encode({ header })
      this.#revision = revision
      this.#raftTerm = header.raftTerm
    }
    return this.#headerBytes
  }
}

const NO_BYTES = new Uint8Array(0)

/**
 * Cuts a batch that is larger than `bytesMax` into parts that are not, as far as its events allow.
 * Source: etcd, sendFragments in api/v3rpc/watch.go.
 */
export function* fragmentsOf(
  fields: readonly Uint8Array[],
  bytesMax: number,
): Iterable<readonly Uint8Array[]> {
  let start = 0
  let bytes = 0
  for (let end = 0; end < fields.length; end++) {
    const length = (fields[end] as Uint8Array).length
    if (end > start && bytes + length >= bytesMax) {
      yield fields.slice(start, end)
      start = end
      bytes = 0
    }
    bytes += length
  }
  yield fields.slice(start)
}
