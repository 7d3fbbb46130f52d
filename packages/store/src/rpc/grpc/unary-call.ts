import type { Metadata } from '@grpc/grpc-js'
import type { GrpcCode } from '../../errors.js'
import type { UnaryMethod } from '../service.js'
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

/**
 * One request, one response. Begins as soon as the request is there, and sends the status right
 * behind the response: grpc-js's own handling waits for the client's end of stream before the one
 * and for the network before the other.
 */
export class UnaryCall implements CallListener {
  readonly #route: Route<UnaryMethod>
  readonly #call: Call
  readonly #context: CallContext
  #caller: GrpcCaller | undefined
  #connection: Connection | undefined
  #isDone = false

  constructor(route: Route<UnaryMethod>, call: Call, context: CallContext) {
    this.#route = route
    this.#call = call
    this.#context = context
  }

  start(): void {
    this.#connection = this.#context.pings?.connectionOf(this.#call)
    if (this.#connection !== undefined) this.#connection.calls++
    this.#context.observer.started?.(this.#route.service, this.#route.method)
    this.#call.start(this)
  }

  onReceiveMetadata(metadata: Metadata): void {
    this.#caller = new GrpcCaller(metadata, this.#context.commonName)
    this.#call.startRead()
  }

  onReceiveMessage(bytes: Buffer): void {
    this.#context.observer.received?.(bytes.length)
    const { method } = this.#route
    let answer: Promise<unknown>
    try {
      answer = method.handle(method.request.decode(bytes), this.#caller as GrpcCaller)
    } catch (error) {
      this.#fail(error)
      return
    }
    answer.then(this.#respond, this.#fail)
  }

  onReceiveHalfClose(): void {
    if (!this.#isDone) this.#done(sendStatus(this.#call, NO_REQUEST))
  }

  /** Also comes when a call has ended well: then nobody waits for it any more. */
  onCancel(): void {
    if (this.#isDone) return
    this.#caller?.abort()
    this.#done('Canceled')
  }

  readonly #respond = (response: unknown): void => {
    if (this.#isDone) return
    try {
      const { method } = this.#route
      const bytes = method.encode?.(response as never) ?? method.response.encode(response)
      this.#context.observer.sent?.(bytes.length)
      this.#call.sendMessage(bytes, nothing)
    } catch (error) {
      this.#fail(error)
      return
    }
    this.#context.trailers.expect(this.#call)
    sendOk(this.#call)
    this.#done('OK')
  }

  readonly #fail = (error: unknown): void => {
    if (this.#isDone) return
    this.#done(sendStatus(this.#call, failureOf(error, this.#route, this.#context.observer)))
  }

  #done(code: GrpcCode | 'OK'): void {
    if (this.#isDone) return
    this.#isDone = true
    if (this.#connection !== undefined) this.#connection.calls--
    this.#context.observer.handled?.(this.#route.service, this.#route.method, code)
  }
}

const nothing = (): void => {}
