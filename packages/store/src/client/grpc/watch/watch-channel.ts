import { type Metadata, type ServiceError, status } from '@grpc/grpc-js'
import type { Clock } from '../../../clock.js'
import { grpcCodeOf, StoreError } from '../../../errors.js'
import type { Ledger } from '../../../ledger.js'
import type { Log } from '../../../log.js'
import type { WatchResponse } from '../../../wire/watch.js'
import { contains, type Key, type KeyRange } from '../../key-range.js'
import type { WatchEnd, WatchObserver, WatchOptions } from '../../store-client.js'
import type { AuthToken } from '../auth-token.js'
import { backOffMs, Waits } from '../back-off.js'
import type { Endpoint } from '../endpoint.js'
import type { Endpoints } from '../endpoints.js'
import { methods } from '../methods.js'
import type { GrpcLimits } from '../options.js'
import { errorOfReason, isTokenTrouble, isUnavailable, storeErrorOf } from '../remote-error.js'
import { Progress } from './progress.js'
import { RemoteWatch, type WatchHost } from './remote-watch.js'
import { ServerStream } from './server-stream.js'

export interface WatchChannelOptions {
  readonly endpoints: Endpoints
  readonly token: AuthToken
  readonly clock: Clock
  readonly ledger: Ledger
  readonly limits: GrpcLimits
  readonly log: Log
  /** Asks the whole cluster. */
  currentRevision(range: KeyRange): Promise<number>
  /** Hears of each compaction that a watch runs into. */
  onCompacted(revision: number): void
}

/** All watches of a client, on one gRPC stream; a broken stream is replaced. */
export class WatchChannel implements WatchHost {
  readonly limits: GrpcLimits
  readonly ledger: Ledger
  readonly #options: WatchChannelOptions
  readonly #waits: Waits
  readonly #progress: Progress
  readonly #watches = new Set<RemoteWatch>()
  /** Those without a place in history yet: what is asked of the store must come after them. */
  readonly #unplaced = new Set<RemoteWatch>()
  #stream: ServerStream | undefined
  #isOpening = false
  /** Since a server last said something. */
  #failures = 0
  #isClosed = false

  constructor(options: WatchChannelOptions) {
    this.#options = options
    this.limits = options.limits
    this.ledger = options.ledger
    this.#waits = new Waits(options.clock)
    this.#progress = new Progress({
      limits: options.limits,
      waits: this.#waits,
      stream: () => this.#stream,
      wanting: () => [...this.#watches].filter((watch) => watch.wantsProgress && watch.isCreated),
      serverVersion: () => this.#serverVersion(),
      currentRevision: options.currentRevision,
      subscribe: (range, observer, watchOptions) => this.subscribe(range, observer, watchOptions),
    })
  }

  get size(): number {
    return this.#watches.size
  }

  subscribe(range: KeyRange, observer: WatchObserver, options: WatchOptions): RemoteWatch {
    const watch = new RemoteWatch(this, range, observer, options)
    this.#watches.add(watch)
    if (watch.isOfNothing) return watch
    if (watch.nextRevision === 0) this.#unplaced.add(watch)
    this.attach(watch)
    return watch
  }

  /** Resolves when all watches made so far have their place in history; undefined: they have. */
  placing(): Promise<unknown> | undefined {
    if (this.#unplaced.size === 0) return undefined
    return Promise.all([...this.#unplaced].map(({ placed }) => placed))
  }

  attach(watch: RemoteWatch): void {
    watch.isAttached = true
    if (this.#stream === undefined) this.#open()
    else this.#stream.create(watch)
  }

  detach(watch: RemoteWatch): void {
    watch.isAttached = false
    if (watch.id !== undefined) this.#stream?.cancel(watch.id)
    watch.broken()
  }

  remove(watch: RemoteWatch): void {
    this.detach(watch)
    this.#watches.delete(watch)
    this.#unplaced.delete(watch)
    if (this.#watches.size > 0) return
    this.#stream?.close()
    this.#stream = undefined
  }

  /** This client has written these keys: whoever watches them will hear of it. */
  owe(revision: number, keys: readonly Key[]): void {
    for (const watch of this.#watches) {
      if (keys.some((key) => contains(watch.range, key))) watch.owe(revision)
    }
  }

  requestProgress(watch: RemoteWatch): void {
    if (watch.isCreated) this.#progress.request()
    else if (watch.isOfNothing) void this.#progressOfNothing(watch)
  }

  /** Nothing has been delivered of it, and that is everything. */
  async #progressOfNothing(watch: RemoteWatch): Promise<void> {
    try {
      watch.progressed(await this.#options.currentRevision(watch.range))
    } catch (error) {
      watch.end({ reason: 'failed', error })
    }
  }

  /** Ends all watches as `closed`. */
  close(): void {
    this.#isClosed = true
    this.#waits.stop()
    this.#endAll({ reason: 'closed' })
  }

  #endAll(end: WatchEnd): void {
    for (const watch of [...this.#watches]) watch.end(end)
  }

  /** Opens a stream unless one is being opened; tries for as long as there are watches. */
  #open(): void {
    if (this.#isOpening) return
    this.#isOpening = true
    this.#openStream()
      .catch((error: unknown) => this.#endAll({ reason: 'failed', error }))
      .finally(() => {
        this.#isOpening = false
        // It may have broken again already.
        if (this.#needsStream) this.#open()
      })
  }

  get #needsStream(): boolean {
    return !this.#isClosed && this.#watches.size > 0 && this.#stream === undefined
  }

  async #openStream(): Promise<void> {
    const { endpoints, token } = this.#options
    while (this.#needsStream) {
      if (this.#failures > 0) await this.#waits.wait(this.#delayMs())
      const endpoint = endpoints.current
      try {
        const metadata = await token.metadata()
        // A member without a leader ends the stream, so that another one can be asked.
        metadata.set('hasleader', 'true')
        if (this.#needsStream) this.#begin(endpoint, metadata)
      } catch (error) {
        this.#failures++
        if (!isTransient(error)) throw error
      }
    }
  }

  /** As many tries as there are members, then a wait, and so on. */
  #delayMs(): number {
    const rounds = Math.floor(this.#failures / this.#options.endpoints.all.length)
    return rounds === 0 ? 0 : backOffMs(rounds - 1, this.limits)
  }

  #begin(endpoint: Endpoint, metadata: Metadata): void {
    const stream: ServerStream = new ServerStream(endpoint, metadata, {
      onAlive: () => {
        if (this.#failures > 0)
          this.#options.log.info('the store is back', { endpoint: endpoint.url })
        this.#failures = 0
      },
      onCreated: (watch, revision) => this.#onCreated(watch, revision),
      onCancelled: (watch, response) => this.#onCancelled(watch, response),
      onProgress: (revision) => this.#onProgress(revision),
      onBroken: (error) => this.#onBroken(stream, error),
    })
    this.#stream = stream
    for (const watch of this.#watches) if (watch.isAttached) stream.create(watch)
  }

  #onCreated(watch: RemoteWatch, revision: number): void {
    const isBehind = watch.hasReceived && revision + 1 < watch.nextRevision
    watch.created(revision)
    this.#unplaced.delete(watch)
    if (watch.wantsProgress) this.#progress.request()
    if (isBehind) void this.#checkLost(watch)
  }

  /**
   * A member that lags behind catches up. A store that was put back to an earlier state never will:
   * what it makes next are other revisions of the same numbers.
   */
  async #checkLost(watch: RemoteWatch): Promise<void> {
    try {
      const currentRevision = await this.#options.currentRevision(watch.range)
      const requestedRevision = watch.nextRevision
      if (currentRevision + 1 >= requestedRevision) return
      const error = new StoreError({ code: 'FutureRevision', requestedRevision, currentRevision })
      watch.end({ reason: 'failed', error })
    } catch (error) {
      // Whoever can't be asked is asked again when the stream, which is no better, is replaced.
      if (!isTransient(error)) watch.end({ reason: 'failed', error })
    }
  }

  #onCancelled(watch: RemoteWatch, { compactRevision, cancelReason }: WatchResponse): void {
    if (compactRevision > 0) {
      this.#options.onCompacted(compactRevision)
      watch.end({ reason: 'compacted', compactRevision })
      return
    }
    // Without a reason it is the server that goes, not the watch that is refused.
    if (cancelReason === '') {
      this.attach(watch)
      return
    }
    const error = errorOfReason(cancelReason)
    if (this.#isForOldToken(watch, error)) void this.#replaceStream()
    else watch.end({ reason: 'failed', error })
  }

  /** A stream keeps the token that it began with; one that has expired has no rights any more. */
  #isForOldToken(watch: RemoteWatch, { code }: StoreError): boolean {
    if (!this.#options.token.hasUser || watch.hasBeenRefused) return false
    watch.hasBeenRefused = true
    return code === 'PermissionDenied' || code === 'InvalidAuthToken'
  }

  async #replaceStream(): Promise<void> {
    const stream = this.#stream
    if (stream === undefined) return
    this.#stream = undefined
    stream.close()
    for (const watch of this.#watches) watch.broken()
    await this.#options.token.renew(stream.metadata)
    this.#open()
  }

  #onProgress(revision: number): void {
    this.#progress.answered()
    for (const watch of [...this.#watches]) if (watch.isCreated) watch.progressed(revision)
  }

  #onBroken(stream: ServerStream, error: ServiceError | undefined): void {
    this.#stream = undefined
    if (this.#failures++ === 0) {
      const endpoint = stream.endpoint.url
      this.#options.log.warn('the connection to the store broke; trying again', { endpoint, error })
    }
    this.#progress.answered()
    for (const watch of this.#watches) watch.broken()
    if (error === undefined || isUnavailable(error)) {
      this.#options.endpoints.leave(stream.endpoint)
    } else if (isTokenTrouble(error) && this.#failures <= TOKEN_TRIES_MAX) {
      void this.#options.token.renew(stream.metadata).then(() => this.#open())
      return
    } else if (!BROKEN.has(error.code)) {
      this.#endAll({ reason: 'failed', error: storeErrorOf(error) })
      return
    }
    this.#open()
  }

  async #serverVersion(): Promise<string> {
    const { endpoint, metadata } = this.#stream ?? {}
    if (endpoint === undefined || metadata === undefined) return ''
    return (await endpoint.ask(methods.status, {}, metadata).answer).version
  }
}

/** What a stream comes to when it is cut, not refused. Source: etcd, client/v3 (isHaltErr). */
const BROKEN: ReadonlySet<status> = new Set([status.INTERNAL, status.CANCELLED, status.UNKNOWN])

const TOKEN_TRIES_MAX = 2

const isTransient = (error: unknown): boolean =>
  error instanceof StoreError &&
  (error.code === 'DeadlineExceeded' || grpcCodeOf(error.code) === 'Unavailable')
