import type { ClientDuplexStream, Metadata, ServiceError } from '@grpc/grpc-js'
import type { WatchResponse } from '../../../wire/watch.js'
import type { Endpoint } from '../endpoint.js'
import { methods } from '../methods.js'
import type { RemoteWatch } from './remote-watch.js'

/** What happens on a stream. */
export interface StreamEvents {
  /** The server has taken the watch; `revision` is its store's. */
  onCreated(watch: RemoteWatch, revision: number): void
  /** The server has ended the watch, or would not take it. */
  onCancelled(watch: RemoteWatch, response: WatchResponse): void
  /** Every watch of the stream that has been created has received everything up to there. */
  onProgress(revision: number): void
  /** The server has said something: it lives. */
  onAlive(): void
  /** At most once, and nothing afterwards. */
  onBroken(error: ServiceError | undefined): void
}

type Init = Parameters<typeof methods.watch.encode>[0]

/** One gRPC stream and the watches on it. */
export class ServerStream {
  readonly endpoint: Endpoint
  readonly metadata: Metadata
  readonly #events: StreamEvents
  readonly #stream: ClientDuplexStream<Init, WatchResponse>
  readonly #byId = new Map<bigint, RemoteWatch>()
  /** Asked for, and answered in this order. */
  readonly #creating: bigint[] = []
  #lastId = 0n
  #isClosed = false

  constructor(endpoint: Endpoint, metadata: Metadata, events: StreamEvents) {
    this.endpoint = endpoint
    this.metadata = metadata
    this.#events = events
    this.#stream = endpoint.stream(methods.watch, metadata)
    this.#stream.on('data', (response) => this.#onResponse(response))
    this.#stream.on('error', (error: ServiceError) => this.#onEnd(error))
    this.#stream.on('end', () => this.#onEnd(undefined))
  }

  get watches(): Iterable<RemoteWatch> {
    return this.#byId.values()
  }

  create(watch: RemoteWatch): void {
    const id = ++this.#lastId
    watch.id = id
    this.#byId.set(id, watch)
    this.#creating.push(id)
    this.#stream.write({ createRequest: watch.createRequest(id) })
  }

  cancel(watchId: bigint): void {
    if (this.#byId.delete(watchId)) this.#stream.write({ cancelRequest: { watchId } })
  }

  requestProgress(): void {
    this.#stream.write({ progressRequest: {} })
  }

  close(): void {
    this.#isClosed = true
    this.#byId.clear()
    this.#stream.cancel()
  }

  #onEnd(error: ServiceError | undefined): void {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#events.onBroken(error)
    // A server that has ended its half waits for ours.
    if (error === undefined) this.#stream.cancel()
  }

  #onResponse(response: WatchResponse): void {
    if (this.#isClosed) return
    this.#events.onAlive()
    if (response.created) this.#onCreated(response)
    else if (response.watchId === BROADCAST) this.#events.onProgress(revisionOf(response))
    else this.#onEvents(response)
  }

  #onCreated(response: WatchResponse): void {
    // The id of a watch that was refused may be missing from the answer.
    const id = this.#creating.shift()
    const watch = id === undefined ? undefined : this.#byId.get(id)
    if (id === undefined || watch === undefined) return
    if (response.canceled) this.#cancelled(id, watch, response)
    else this.#events.onCreated(watch, revisionOf(response))
  }

  #onEvents(response: WatchResponse): void {
    const watch = this.#byId.get(response.watchId)
    // Cancelled here; the server does not know yet.
    if (watch === undefined) return
    if (response.canceled) this.#cancelled(response.watchId, watch, response)
    else if (response.events.length > 0 || response.fragment) watch.receive(response)
    else watch.progressed(revisionOf(response))
  }

  #cancelled(id: bigint, watch: RemoteWatch, response: WatchResponse): void {
    this.#byId.delete(id)
    watch.broken()
    this.#events.onCancelled(watch, response)
  }
}

/** Meant for every watch of the stream. */
const BROADCAST = -1n

const revisionOf = ({ header }: WatchResponse): number => header?.revision ?? 0
