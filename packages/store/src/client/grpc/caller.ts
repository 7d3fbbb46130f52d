import { Metadata, type ServiceError } from '@grpc/grpc-js'
import type { Clock } from '../../clock.js'
import { StoreError } from '../../errors.js'
import { AuthToken } from './auth-token.js'
import { backOffMs, Waits } from './back-off.js'
import type { Endpoint, PendingCall } from './endpoint.js'
import type { Endpoints } from './endpoints.js'
import { type Method, methods } from './methods.js'
import type { GrpcLimits, GrpcStoreOptions } from './options.js'
import {
  type ErrorContext,
  isTokenTrouble,
  isUnavailable,
  storeErrorOf,
  wasNotSent,
} from './remote-error.js'

export interface CallerOptions {
  readonly endpoints: Endpoints
  readonly clock: Clock
  readonly limits: GrpcLimits
  readonly auth: GrpcStoreOptions['auth']
}

export interface CallOptions {
  /** Whether doing it twice is doing it once. */
  readonly isRepeatable: boolean
  /** Default: `limits.requestTimeoutMs`. */
  readonly timeoutMs?: number | undefined
  /** For errors that name revisions. */
  readonly context?: (() => ErrorContext) | undefined
}

/** Requests with one answer: who is asked, until when, and what is tried again. */
export class Caller {
  readonly token: AuthToken
  readonly #options: CallerOptions
  readonly #pending = new Set<PendingCall<unknown>>()
  readonly #waits: Waits
  #isClosed = false

  constructor(options: CallerOptions) {
    this.#options = options
    this.#waits = new Waits(options.clock)
    const { auth } = options
    this.token = new AuthToken(auth && (() => this.#authenticate(auth)))
  }

  /**
   * Asks until somebody answers. A repeatable request is tried again whenever a member could not
   * serve it; any other only when it certainly did nothing. Rejects with a `StoreError` at the
   * latest when its time is up.
   */
  async call<Init, Answer>(
    method: Method<Init, Answer>,
    request: Init,
    options: CallOptions,
  ): Promise<Answer> {
    return this.#persist(method, request, options, () => this.token.metadata())
  }

  async #authenticate({ user, password }: { user: string; password: string }): Promise<string> {
    const request = { name: user, password }
    const noToken = async () => new Metadata()
    const answer = this.#persist(methods.authenticate, request, { isRepeatable: true }, noToken)
    return (await answer).token
  }

  async #persist<Init, Answer>(
    method: Method<Init, Answer>,
    request: Init,
    options: CallOptions,
    metadataOf: () => Promise<Metadata>,
  ): Promise<Answer> {
    const { clock, endpoints, limits } = this.#options
    const deadlineMs = clock.now() + (options.timeoutMs ?? limits.requestTimeoutMs)
    for (let failures = 0; ; failures++) {
      const endpoint = endpoints.current
      const metadata = await metadataOf()
      const leftMs = deadlineMs - clock.now()
      try {
        // While there is somebody else to ask, nobody gets all the time there is.
        const mayAskElsewhere = options.isRepeatable && endpoints.all.length > 1
        const timeoutMs = mayAskElsewhere ? leftMs / 2 : leftMs
        return await this.#attempt(endpoint, method, request, metadata, timeoutMs)
      } catch (error) {
        if (this.#isClosed) throw new StoreError({ code: 'Closed' })
        const waitMs = await this.#waitBeforeNext(error, endpoint, metadata, options, failures)
        if (waitMs === undefined || clock.now() + waitMs >= deadlineMs)
          throw asStore(error, options)
        if (waitMs > 0) await this.#waits.wait(waitMs)
        if (this.#isClosed) throw new StoreError({ code: 'Closed' })
      }
    }
  }

  /** Milliseconds until another attempt, or undefined when there should be none. */
  async #waitBeforeNext(
    error: unknown,
    endpoint: Endpoint,
    metadata: Metadata,
    { isRepeatable }: CallOptions,
    failures: number,
  ): Promise<number | undefined> {
    const { endpoints, limits } = this.#options
    if (error instanceof StoreError) {
      endpoints.leave(endpoint)
      return isRepeatable ? 0 : undefined
    }
    const refused = error as ServiceError
    if (isTokenTrouble(refused) && this.token.hasUser && failures < TOKEN_TRIES_MAX) {
      await this.token.renew(metadata)
      return 0
    }
    if (!isUnavailable(refused)) return undefined
    endpoints.leave(endpoint)
    if (!isRepeatable && !wasNotSent(refused)) return undefined
    const rounds = Math.floor((failures + 1) / endpoints.all.length)
    return rounds === 0 ? 0 : backOffMs(rounds - 1, limits)
  }

  async #attempt<Init, Answer>(
    endpoint: Endpoint,
    method: Method<Init, Answer>,
    request: Init,
    metadata: Metadata,
    timeoutMs: number,
  ): Promise<Answer> {
    if (this.#isClosed) throw new StoreError({ code: 'Closed' })
    const call = endpoint.ask(method, request, metadata)
    let isTimedOut = false
    const timer = this.#options.clock.setTimer(timeoutMs, () => {
      isTimedOut = true
      call.cancel()
    })
    this.#pending.add(call)
    try {
      return await call.answer
    } catch (error) {
      if (!isTimedOut) throw error
      const problem = `no answer from ${endpoint.url} in time`
      throw new StoreError({ code: 'DeadlineExceeded', problem }, { cause: error })
    } finally {
      timer.cancel()
      this.#pending.delete(call)
    }
  }

  /** Waits for something that requests depend on; rejects when it takes too long. */
  async waitFor(work: Promise<unknown>, problem: string): Promise<void> {
    const isDone = await this.#waits.atMost(this.#options.limits.requestTimeoutMs, work)
    if (this.#isClosed) throw new StoreError({ code: 'Closed' })
    if (!isDone) throw new StoreError({ code: 'DeadlineExceeded', problem })
  }

  /** Calls under way reject with `Closed`. */
  close(): void {
    this.#isClosed = true
    this.#waits.stop()
    for (const call of this.#pending) call.cancel()
  }
}

/** A fresh token that is refused again is refused for good. */
const TOKEN_TRIES_MAX = 2

const asStore = (error: unknown, { context }: CallOptions): StoreError =>
  error instanceof StoreError ? error : storeErrorOf(error as ServiceError, context?.())
