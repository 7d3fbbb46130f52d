import type {
  WatchBatch,
  WatchEnd,
  WatchObserver,
  WatchSubscription,
} from '../../client/store-client.js'
import { StoreError } from '../../errors.js'
import type { WatchCreateRequest, WatchRequest, WatchResponse } from '../../wire/watch.js'
import type { EtcdServer } from '../etcd-server.js'
import type { RpcLimits } from '../limits.js'
import type { ResponseHeaders } from '../response-header.js'
import type { RequestReceiver, ResponseStream } from '../service.js'
import { statusOf, statusText } from '../status.js'
import { Outbox } from './outbox.js'
import { ProgressRound } from './progress-round.js'
import type { Watch } from './watch.js'
import type { WatchEncoder } from './watch-encoder.js'

/** The id of a watch that isn't one, and of what is said to all watches of a stream. */
const NO_WATCH = -1n
/** The client leaves the choice to us. */
const ANY_ID = 0n

export interface WatchStreamOptions {
  readonly server: EtcdServer
  readonly headers: ResponseHeaders
  readonly encoder: WatchEncoder
  readonly limits: RpcLimits
}

/** For encoding: what is left out is empty. */
type WireResponse = Parameters<typeof WatchResponse.encode>[0]

/**
 * All watches that one call carries. A watch whose batch comes while the client reads too slowly is
 * paused, and goes on from history when the client has read: what waits here is bounded by the
 * stream's congestion limit and one batch a watch, and nobody else is held up.
 *
 * Source: etcd, api/v3rpc/watch.go.
 */
export class WatchStream implements RequestReceiver<WatchRequest> {
  readonly #options: WatchStreamOptions
  readonly #stream: ResponseStream<WireResponse>
  readonly #outbox: Outbox
  readonly #watches = new Map<bigint, Watch>()
  readonly #paused = new Set<Watch>()
  readonly #progress: ProgressRound
  #nextId = 0n

  constructor(options: WatchStreamOptions, stream: ResponseStream<WireResponse>) {
    this.#options = options
    this.#stream = stream
    this.#outbox = new Outbox(stream, options, () => this.drain())
    this.#progress = new ProgressRound((revision) => this.#tellProgress(NO_WATCH, revision))
  }

  receive({ createRequest, cancelRequest, progressRequest }: WatchRequest): void {
    if (createRequest !== undefined) this.#create(createRequest)
    else if (cancelRequest !== undefined) this.#cancel(cancelRequest.watchId)
    else if (progressRequest !== undefined) this.#progress.begin(this.#watches.values())
  }

  /** Who has nothing more to ask still watches. */
  halfClose(): void {}

  drain(): void {
    for (const watch of [...this.#paused]) {
      if (this.#isCongested) break
      this.#paused.delete(watch)
      watch.isPaused = false
      watch.subscription?.resume()
    }
  }

  close(): void {
    const watches = [...this.#watches.values()]
    this.#watches.clear()
    this.#paused.clear()
    for (const { subscription } of watches) subscription?.cancel()
  }

  #create(request: WatchCreateRequest): void {
    const problem = this.#refusalOf(request)
    if (problem !== undefined) {
      this.#refuse(problem)
      return
    }
    const id = request.watchId === ANY_ID ? this.#unusedId() : request.watchId
    const watch: Watch = {
      id,
      fragment: request.fragment,
      subscription: undefined,
      isPaused: false,
    }
    try {
      this.#watches.set(id, watch)
      watch.subscription = this.#subscribe(request, watch)
    } catch (error) {
      this.#watches.delete(id)
      this.#refuse(reasonOf(error))
      return
    }
    this.#send({ watchId: id, created: true })
  }

  #subscribe(request: WatchCreateRequest, watch: Watch): WatchSubscription {
    const { rangeEnd, startRevision, prevKv, progressNotify, filters } = request
    const observer: WatchObserver = {
      onBatch: (batch) => this.#deliver(watch, batch),
      onEnd: (end) => this.#ended(watch, end),
    }
    return this.#options.server.subscribe(
      // etcd reads an empty key as the smallest one.
      { key: request.key === '' ? '\0' : request.key, rangeEnd },
      observer,
      { startRevision, prevKv, progressNotify, filters },
      this.#stream.caller,
    )
  }

  #refusalOf({ key, rangeEnd, startRevision, watchId }: WatchCreateRequest): string | undefined {
    if (startRevision < 0) return 'etcdserver: mvcc: required revision has been compacted'
    if (rangeEnd !== '' && rangeEnd !== '\0' && key >= rangeEnd) {
      return 'mvcc: watcher range is empty'
    }
    if (this.#watches.has(watchId) && watchId !== ANY_ID) {
      return 'mvcc: duplicate watch ID provided on the WatchStream'
    }
    if (this.#watches.size >= this.#options.limits.watchesPerStreamMax) {
      return reasonOf(new StoreError({ code: 'TooManyRequests' }))
    }
    return undefined
  }

  #unusedId(): bigint {
    while (this.#watches.has(this.#nextId)) this.#nextId++
    return this.#nextId++
  }

  #refuse(cancelReason: string): void {
    this.#send({ watchId: NO_WATCH, created: true, canceled: true, cancelReason })
  }

  /** What is not a watch's is not answered: it may have ended while the client asked. */
  #cancel(id: bigint): void {
    const watch = this.#watches.get(id)
    if (watch === undefined) return
    this.#forget(watch)
    watch.subscription?.cancel()
    this.#send({ watchId: id, canceled: true })
  }

  #deliver(watch: Watch, batch: WatchBatch): void {
    if (batch.events.length > 0) {
      this.#outbox.add(watch, batch)
      if (this.#isCongested) this.#pause(watch)
    } else if (!this.#progress.reached(watch, batch.revision)) {
      this.#tellProgress(watch.id, batch.revision)
    }
  }

  get #isCongested(): boolean {
    return this.#stream.isCongested || this.#outbox.isCongested
  }

  #pause(watch: Watch): void {
    if (watch.isPaused) return
    watch.isPaused = true
    this.#paused.add(watch)
    watch.subscription?.pause()
  }

  #tellProgress(watchId: bigint, revision: number): void {
    this.#outbox.flush()
    this.#stream.send({ header: this.#options.headers.at({ revision }), watchId })
  }

  #ended(watch: Watch, end: WatchEnd): void {
    if (this.#watches.get(watch.id) !== watch) return
    this.#forget(watch)
    switch (end.reason) {
      case 'cancelled':
        return
      case 'closed':
        this.#outbox.flush()
        this.#stream.end(new StoreError({ code: 'Closed' }))
        return
      case 'compacted': {
        const { compactRevision } = end
        const header = this.#options.headers.ofMember()
        this.#outbox.flush()
        this.#stream.send({ header, watchId: watch.id, canceled: true, compactRevision })
        return
      }
      case 'failed':
        this.#send({ watchId: watch.id, canceled: true, cancelReason: reasonOf(end.error) })
    }
  }

  #forget(watch: Watch): void {
    this.#watches.delete(watch.id)
    this.#paused.delete(watch)
    this.#progress.left(watch)
  }

  /** What was delivered before is sent before. */
  #send(response: WireResponse): void {
    this.#outbox.flush()
    this.#stream.send({ header: this.#options.headers.now(), ...response })
  }
}

/** Refusals by the authorization carry their whole status, others only the text. */
function reasonOf(error: unknown): string {
  const status = statusOf(error)
  const isAboutUser = error instanceof StoreError && ABOUT_USERS.has(error.code)
  return isAboutUser ? statusText(status) : status.text
}

const ABOUT_USERS: ReadonlySet<string> = new Set([
  'PermissionDenied',
  'InvalidAuthToken',
  'AuthOldRevision',
  'UserEmpty',
])
