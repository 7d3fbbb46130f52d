import type { Metadata } from '@grpc/grpc-js'
import type { GrpcCode } from '../../errors.js'
import type {
  BidiMethod,
  Method,
  RequestReceiver,
  ResponseStream,
  RpcCaller,
  ServerStreamMethod,
} from '../service.js'
import {
  type Call,
  type CallContext,
  type CallListener,
  failureOf,
  NO_REQUEST,
  type Route,
  sendOk,
  sendStatus,
} from './call-context.js'
import { GrpcCaller } from './grpc-caller.js'
import type { Connection } from './ping-policy.js'

/** What both kinds of streams share: responses go out as fast as the client takes them. */
abstract class StreamCall<M extends Method> implements CallListener, ResponseStream<unknown> {
  protected readonly route: Route<M>
  protected readonly call: Call
  protected readonly context: CallContext
  #caller: GrpcCaller | undefined
  #connection: Connection | undefined
  #queuedBytes = 0
  #wasCongested = false
  #isDone = false

  constructor(route: Route<M>, call: Call, context: CallContext) {
    this.route = route
    this.call = call
    this.context = context
  }

  start(): void {
    this.#connection = this.context.pings?.connectionOf(this.call)
    if (this.#connection !== undefined) this.#connection.calls++
    this.context.observer.started?.(this.route.service, this.route.method)
    this.context.openStreams.add(this)
    this.call.start(this)
  }

  get caller(): RpcCaller {
    return this.#caller as GrpcCaller
  }

  get isDone(): boolean {
    return this.#isDone
  }

  get isCongested(): boolean {
    return this.#queuedBytes > this.context.limits.congestedBytes
  }

  onReceiveMetadata(metadata: Metadata): void {
    this.#caller = new GrpcCaller(metadata, this.context.commonName)
    this.begin()
  }

  abstract onReceiveMessage(bytes: Buffer): void
  abstract onReceiveHalfClose(): void
  protected abstract begin(): void
  protected abstract drained(): void
  protected abstract closed(): void

  /** Also comes when a call has ended well. */
  onCancel(): void {
    this.#done('Canceled')
  }

  send(response: unknown): void {
    this.sendEncoded(this.route.method.response.encode(response))
  }

  sendEncoded(bytes: Uint8Array): void {
    if (this.#isDone) return
    this.#queuedBytes += bytes.length
    this.#wasCongested ||= this.isCongested
    this.context.observer.sent?.(bytes.length)
    this.call.sendMessage(bytes, () => {
      this.#queuedBytes -= bytes.length
      if (!this.#wasCongested || this.#queuedBytes > this.context.limits.congestedBytes / 2) return
      this.#wasCongested = false
      if (!this.#isDone) this.drained()
    })
  }

  end(error?: unknown): void {
    if (this.#isDone) return
    if (error === undefined) {
      sendOk(this.call)
      this.#done('OK')
    } else {
      this.#done(sendStatus(this.call, failureOf(error, this.route, this.context.observer)))
    }
  }

  #done(code: GrpcCode | 'OK'): void {
    if (this.#isDone) return
    this.#isDone = true
    if (this.#connection !== undefined) this.#connection.calls--
    this.context.openStreams.delete(this)
    this.#caller?.abort()
    this.closed()
    this.context.observer.handled?.(this.route.service, this.route.method, code)
  }
}

export class BidiCall extends StreamCall<BidiMethod> {
  #receiver: RequestReceiver<unknown> | undefined
  #isReading = false
  #readsAgain = false

  protected begin(): void {
    try {
      this.#receiver = this.route.method.open(this)
    } catch (error) {
      this.end(error)
    }
    if (!this.isDone) this.#read()
  }

  onReceiveMessage(bytes: Buffer): void {
    if (this.isDone) return
    this.context.observer.received?.(bytes.length)
    try {
      const request = this.route.method.request.decode(bytes)
      const busy = this.#receiver?.receive(request)
      if (busy === undefined) this.#read()
      else busy.then(this.#read, (error: unknown) => this.end(error))
    } catch (error) {
      this.end(error)
    }
  }

  onReceiveHalfClose(): void {
    if (!this.isDone) this.#receiver?.halfClose()
  }

  protected drained(): void {
    this.#receiver?.drain?.()
  }

  protected closed(): void {
    this.#receiver?.close()
  }

  /** Reading gives the next request at once when it is there: a loop, or many would nest deep. */
  readonly #read = (): void => {
    this.#readsAgain = true
    if (this.#isReading) return
    this.#isReading = true
    while (this.#readsAgain && !this.isDone) {
      this.#readsAgain = false
      this.call.startRead()
    }
    this.#isReading = false
  }
}

export class ServerStreamCall extends StreamCall<ServerStreamMethod> {
  #hasBegun = false
  #onDrained: (() => void) | undefined

  protected begin(): void {
    this.call.startRead()
  }

  onReceiveMessage(bytes: Buffer): void {
    this.#hasBegun = true
    this.context.observer.received?.(bytes.length)
    this.#run(bytes).then(
      () => this.end(),
      (error: unknown) => this.end(error),
    )
  }

  onReceiveHalfClose(): void {
    if (!this.#hasBegun && !this.isDone) sendStatus(this.call, NO_REQUEST)
  }

  protected drained(): void {
    this.#onDrained?.()
  }

  protected closed(): void {
    this.#onDrained?.()
  }

  async #run(bytes: Buffer): Promise<void> {
    const { method } = this.route
    for await (const response of method.handle(method.request.decode(bytes), this.caller)) {
      if (this.isDone) return
      this.send(response)
      if (this.isCongested) await this.#untilDrained()
    }
  }

  async #untilDrained(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#onDrained = resolve
    })
    this.#onDrained = undefined
  }
}
