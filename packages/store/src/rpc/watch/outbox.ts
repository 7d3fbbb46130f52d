import type { WatchBatch } from '../../client/store-client.js'
import type { RpcLimits } from '../limits.js'
import type { ResponseStream } from '../service.js'
import type { Watch } from './watch.js'
import { fragmentsOf, type WatchEncoder } from './watch-encoder.js'

interface Entry {
  readonly watch: Watch
  readonly revision: number
  readonly fields: readonly Uint8Array[]
  readonly bytes: number
}

/** Batches of one watch that came together go out as one response of at most so many bytes. */
const COMBINED_BYTES_MAX = 64 * 1024

/**
 * What the watches of a stream were given in this turn. It goes out at the turn's end, so that a
 * watch that reads history sends a slice of it in a few responses.
 */
export class Outbox {
  readonly #stream: Pick<ResponseStream<never>, 'sendEncoded'>
  readonly #encoder: WatchEncoder
  readonly #limits: RpcLimits
  readonly #onFlushed: () => void
  #entries: Entry[] = []
  #bytes = 0

  constructor(
    stream: Pick<ResponseStream<never>, 'sendEncoded'>,
    options: { readonly encoder: WatchEncoder; readonly limits: RpcLimits },
    onFlushed: () => void,
  ) {
    this.#stream = stream
    this.#encoder = options.encoder
    this.#limits = options.limits
    this.#onFlushed = onFlushed
  }

  get isCongested(): boolean {
    return this.#bytes > this.#limits.congestedBytes
  }

  /** Encodes now, while the encoder still remembers the event. */
  add(watch: Watch, batch: WatchBatch): void {
    const fields = this.#encoder.events(batch)
    let bytes = 0
    for (const { length } of fields) bytes += length
    if (this.#entries.length === 0) queueMicrotask(() => this.flush())
    this.#entries.push({ watch, revision: batch.revision, fields, bytes })
    this.#bytes += bytes
  }

  flush(): void {
    const entries = this.#entries
    if (entries.length === 0) return
    this.#entries = []
    this.#bytes = 0
    let run: Entry[] = []
    let runBytes = 0
    for (const entry of entries) {
      const joins = run[0]?.watch === entry.watch && runBytes + entry.bytes <= COMBINED_BYTES_MAX
      if (!joins) {
        this.#sendRun(run)
        run = []
        runBytes = 0
      }
      run.push(entry)
      runBytes += entry.bytes
    }
    this.#sendRun(run)
    // The network may have taken it all at once: then it has nothing to tell later.
    this.#onFlushed()
  }

  #sendRun(run: readonly Entry[]): void {
    const [first] = run
    const last = run.at(-1)
    if (first === undefined || last === undefined) return
    const bytesMax = this.#limits.requestBytesMax + this.#limits.requestOverheadBytes
    if (first.watch.fragment && first.bytes >= bytesMax) {
      this.#sendFragments(first, bytesMax)
      return
    }
    const fields = run.length === 1 ? first.fields : run.flatMap((entry) => entry.fields)
    this.#stream.sendEncoded(this.#encoder.response(first.watch.id, last.revision, fields))
  }

  #sendFragments({ watch, revision, fields }: Entry, bytesMax: number): void {
    const parts = [...fragmentsOf(fields, bytesMax)]
    parts.forEach((part, i) => {
      const isLast = i === parts.length - 1
      this.#stream.sendEncoded(this.#encoder.response(watch.id, revision, part, !isLast))
    })
  }
}
