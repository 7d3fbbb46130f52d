import type { IncomingMessage, ServerResponse } from 'node:http'
import type { GrpcCode } from '../../errors.js'
import type { CallObserver } from '../call-observer.js'
import type { RpcLimits } from '../limits.js'
import type {
  BidiMethod,
  RequestReceiver,
  ResponseStream,
  RpcCaller,
  ServerStreamMethod,
  UnaryMethod,
} from '../service.js'
import { isRefusal, StatusError, statusOf } from '../status.js'
import { errorBody, httpStatusOf, streamErrorBody } from './http-status.js'
import { JsonValues, tooLarge } from './json-values.js'
import type { Route } from './routes.js'

export interface GatewayOptions {
  readonly limits: RpcLimits
  readonly observer?: CallObserver | undefined
}

/** In base64 and with the names of its fields a message is longer than on the wire. */
const JSON_OVERHEAD = 2

const HEADERS = {
  'Content-Type': 'application/json',
  'Grpc-Metadata-Content-Type': 'application/grpc',
}

/** One request of the gateway, of whatever kind of method. */
export class GatewayCall implements ResponseStream<unknown> {
  readonly caller: RpcCaller
  readonly #route: Route
  readonly #request: IncomingMessage
  readonly #response: ServerResponse
  readonly #options: GatewayOptions
  readonly #values: JsonValues
  readonly #gone = new AbortController()
  #receiver: RequestReceiver<unknown> | undefined
  #onDrained: (() => void) | undefined
  #isDone = false

  constructor(
    route: Route,
    request: IncomingMessage,
    response: ServerResponse,
    options: GatewayOptions,
  ) {
    this.#route = route
    this.#request = request
    this.#response = response
    this.#options = options
    this.#values = new JsonValues(this.#bytesMax * JSON_OVERHEAD)
    const token = request.headers.authorization
    this.caller = { token, signal: this.#gone.signal }
  }

  get #bytesMax(): number {
    const { requestBytesMax, requestOverheadBytes } = this.#options.limits
    return requestBytesMax + requestOverheadBytes
  }

  /** Answers the request; never rejects. */
  async run(): Promise<void> {
    const { service, method } = this.#route
    this.#options.observer?.started?.(service, method)
    this.#response.on('close', () => this.#done('Canceled'))
    // Without a listener a connection that breaks would be an uncaught error.
    this.#response.on('error', () => this.#done('Canceled'))
    try {
      if (method.kind === 'unary') await this.#runUnary(method)
      else if (method.kind === 'serverStream') await this.#runServerStream(method)
      else await this.#runBidi(method)
    } catch (error) {
      // Reading a body whose client has gone fails, and nobody is there to be told.
      if (this.#request.destroyed && !this.#request.complete) this.#done('Canceled')
      else this.end(error)
    }
  }

  async #runUnary(method: UnaryMethod): Promise<void> {
    const request = this.#decode(await this.#firstValue())
    const body = method.response.toJson(await method.handle(request, this.caller))
    if (this.#isDone) return
    this.#response.writeHead(200, HEADERS).end(this.#encode(body))
    this.#done('OK')
  }

  async #runServerStream(method: ServerStreamMethod): Promise<void> {
    const request = this.#decode(await this.#firstValue())
    for await (const response of method.handle(request, this.caller)) {
      if (this.#isDone) return
      this.send(response)
      if (this.isCongested) await this.#drained()
    }
    this.end()
  }

  async #runBidi(method: BidiMethod): Promise<void> {
    const receiver = method.open(this)
    this.#receiver = receiver
    // Closed before there was a receiver to be told.
    if (this.#isDone) receiver.close()
    for await (const chunk of this.#request) {
      for (const value of this.#values.push(chunk)) {
        if (this.#isDone) return
        await receiver.receive(this.#decode(value))
      }
    }
    if (!this.#isDone) receiver.halfClose()
  }

  /** The body's first object; an empty body is an empty object. */
  async #firstValue(): Promise<unknown> {
    let first: unknown
    for await (const chunk of this.#request) {
      // What comes behind it is nobody's, as it is to etcd.
      if (first === undefined) [first] = this.#values.push(chunk)
    }
    if (first !== undefined) return first
    this.#values.end()
    return {}
  }

  #decode(value: unknown): unknown {
    const { request } = this.#route.method
    let message: unknown
    try {
      message = request.fromJson(value)
    } catch (error) {
      if (error instanceof TypeError) throw new StatusError('InvalidArgument', error.message)
      throw error
    }
    const { length } = request.encode(message)
    this.#options.observer?.received?.(length)
    if (length > this.#bytesMax) throw tooLarge(length, this.#bytesMax)
    return message
  }

  #encode(body: unknown): string {
    const text = JSON.stringify(body)
    this.#options.observer?.sent?.(text.length)
    return text
  }

  get isCongested(): boolean {
    return this.#response.writableLength > this.#options.limits.congestedBytes
  }

  send(response: unknown): void {
    if (this.#isDone) return
    if (!this.#response.headersSent) this.#response.writeHead(200, HEADERS)
    const result = this.#route.method.response.toJson(response)
    this.#response.write(`${this.#encode({ result })}\n`)
    if (this.isCongested) this.#response.once('drain', () => this.#wake())
  }

  sendEncoded(bytes: Uint8Array): void {
    if (!this.#isDone) this.send(this.#route.method.response.decode(bytes))
  }

  #wake(): void {
    if (this.#isDone) return
    this.#onDrained?.()
    this.#receiver?.drain?.()
  }

  async #drained(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#onDrained = resolve
    })
  }

  end(error?: unknown): void {
    if (this.#isDone) return
    if (error === undefined) {
      this.#response.end()
      this.#done('OK')
      return
    }
    const { service, method } = this.#route
    const status = statusOf(error)
    if (!isRefusal(error)) this.#options.observer?.failed?.(service, method, error)
    if (this.#response.headersSent) {
      this.#response.end(`${this.#encode(streamErrorBody(status))}\n`)
    } else {
      const headers = { 'Content-Type': 'application/json' }
      this.#response.writeHead(httpStatusOf(status), headers)
      this.#response.end(this.#encode(errorBody(status)))
    }
    this.#done(status.code)
  }

  #done(code: GrpcCode | 'OK'): void {
    if (this.#isDone) return
    this.#isDone = true
    this.#gone.abort()
    this.#onDrained?.()
    this.#receiver?.close()
    const { service, method } = this.#route
    this.#options.observer?.handled?.(service, method, code)
  }
}
