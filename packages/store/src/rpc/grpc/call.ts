import type { RequestHead, ServerStream, StreamReceiver } from '@miniplane/http2'
import type { GrpcCode } from '../../errors.js'
import type { Method } from '../service.js'
import type { Status } from '../status.js'
import { Answer } from './answer.js'
import { type CallContext, DEADLINE_EXCEEDED, failureOf, type Route } from './call-context.js'
import type { Encoding } from './call-plan.js'
import { GrpcCaller } from './grpc-caller.js'
import { MessageReader } from './message-reader.js'

/** A request that names a method, and where its answer goes. */
export interface Opened<M extends Method = Method> {
  readonly route: Route<M>
  readonly head: RequestHead
  readonly stream: ServerStream
  readonly context: CallContext
  readonly encoding: Encoding
  readonly timeoutMs: number | undefined
}

/** What calls of all kinds share: messages come in, one status goes out, and somebody counts. */
export abstract class Call<M extends Method> implements StreamReceiver {
  protected readonly route: Route<M>
  protected readonly stream: ServerStream
  protected readonly context: CallContext
  protected readonly reader: MessageReader
  protected readonly answer: Answer
  readonly caller: GrpcCaller
  #deadline: { cancel(): void } | undefined
  #isDone = false

  constructor({ route, head, stream, context, encoding, timeoutMs }: Opened<M>) {
    this.route = route
    this.stream = stream
    this.context = context
    const { requestBytesMax, requestOverheadBytes } = context.limits
    this.reader = new MessageReader(encoding, requestBytesMax + requestOverheadBytes)
    this.answer = new Answer(stream)
    this.caller = new GrpcCaller(head, context.commonName)
    context.observer.started?.(route.service, route.method)
    if (timeoutMs !== undefined) {
      this.#deadline = context.clock.setTimer(timeoutMs, () => this.failWith(DEADLINE_EXCEEDED))
    }
  }

  get isDone(): boolean {
    return this.#isDone
  }

  data(bytes: Buffer): void {
    if (this.#isDone) return
    this.reader.push(bytes)
    this.readNext()
  }

  /** Takes what there is of messages, as far as the call is ready for them. */
  protected abstract readNext(): void

  /** The client sends no more. */
  abstract end(): void

  closed(): void {
    if (!this.#isDone) this.done('Canceled')
  }

  /** The next message, if it is there; a call that can't be read has failed. */
  protected next(): unknown {
    try {
      const bytes = this.reader.next()
      if (bytes === undefined) return undefined
      this.context.observer.received?.(bytes.length)
      return this.route.method.request.decode(bytes)
    } catch (error) {
      this.fail(error)
      return undefined
    }
  }

  protected succeed(): void {
    if (this.#isDone) return
    this.done('OK')
    this.answer.endOk()
  }

  protected fail(error: unknown): void {
    if (!this.#isDone) this.failWith(failureOf(error, this.route, this.context.observer))
  }

  protected failWith(status: Status): void {
    if (this.#isDone) return
    this.done(status.code)
    this.answer.fail(status)
  }

  /** Before the status is sent, which closes the stream. */
  protected done(code: GrpcCode | 'OK'): void {
    this.#isDone = true
    this.#deadline?.cancel()
    if (code !== 'OK') this.caller.abort()
    this.context.observer.handled?.(this.route.service, this.route.method, code)
  }
}
