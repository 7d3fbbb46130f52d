import type { GrpcCode } from '../../errors.js'
import type {
  BidiMethod,
  Method,
  RequestReceiver,
  ResponseStream,
  RpcCaller,
  ServerStreamMethod,
} from '../service.js'
import { Call, type Opened } from './call.js'
import { NO_REQUEST } from './call-context.js'

/** What both kinds of streams share: responses go out as fast as the client takes them. */
abstract class StreamCall<M extends Method> extends Call<M> {
  /** What a service sees of the call. */
  protected readonly responses: ResponseStream<unknown>
  #wasCongested = false

  constructor(opened: Opened<M>) {
    super(opened)
    this.responses = new Responses(this)
    this.context.openStreams.add(this.responses)
  }

  get isCongested(): boolean {
    return this.stream.queuedBytes > this.context.limits.congestedBytes
  }

  send(response: unknown): void {
    if (!this.isDone) this.sendEncoded(this.route.method.response.encode(response))
  }

  sendEncoded(bytes: Uint8Array): void {
    if (this.isDone) return
    this.context.observer.sent?.(bytes.length)
    this.answer.send(bytes)
    this.#wasCongested ||= this.isCongested
  }

  finish(error: unknown): void {
    if (error === undefined) this.succeed()
    else this.fail(error)
  }

  drained(): void {
    if (!this.#wasCongested) return
    this.#wasCongested = false
    if (!this.isDone) this.goOn()
  }

  /** What congested the call has gone out. */
  protected abstract goOn(): void

  /** It is over, whoever ended it. */
  protected abstract over(): void

  protected override done(code: GrpcCode | 'OK'): void {
    this.context.openStreams.delete(this.responses)
    super.done(code)
    this.caller.abort()
    this.over()
  }
}

/** The sending half. */
class Responses implements ResponseStream<unknown> {
  readonly #call: StreamCall<Method>

  constructor(call: StreamCall<Method>) {
    this.#call = call
  }

  get caller(): RpcCaller {
    return this.#call.caller
  }

  get isCongested(): boolean {
    return this.#call.isCongested
  }

  send(response: unknown): void {
    this.#call.send(response)
  }

  sendEncoded(bytes: Uint8Array): void {
    this.#call.sendEncoded(bytes)
  }

  end(error?: unknown): void {
    this.#call.finish(error)
  }
}

export class BidiCall extends StreamCall<BidiMethod> {
  readonly #receiver: RequestReceiver<unknown> | undefined
  /** The receiver works on a request, and wants no other. */
  #isBusy = false
  /** The client sends no more; the receiver hears of it when it is done with what came before. */
  #isEnding = false

  constructor(opened: Opened<BidiMethod>) {
    super(opened)
    try {
      this.#receiver = this.route.method.open(this.responses)
    } catch (error) {
      this.fail(error)
    }
    // It may have ended the call before anybody knew it.
    if (this.isDone) this.#receiver?.close()
  }

  end(): void {
    this.#isEnding = true
    this.#tellEnd()
  }

  #tellEnd(): void {
    if (!this.#isEnding || this.#isBusy || this.isDone) return
    this.#isEnding = false
    this.#receiver?.halfClose()
  }

  protected readNext(): void {
    while (!this.#isBusy && !this.isDone) {
      const request = this.next()
      if (request === undefined) return
      this.#receive(request)
    }
  }

  #receive(request: unknown): void {
    try {
      const busy = this.#receiver?.receive(request)
      if (busy === undefined) return
      this.#isBusy = true
      this.stream.pause()
      busy.then(this.#ready, (error: unknown) => this.fail(error))
    } catch (error) {
      this.fail(error)
    }
  }

  readonly #ready = (): void => {
    this.#isBusy = false
    this.readNext()
    if (this.#isBusy || this.isDone) return
    this.stream.resume()
    this.#tellEnd()
  }

  protected goOn(): void {
    this.#receiver?.drain?.()
  }

  protected over(): void {
    this.#receiver?.close()
  }
}

export class ServerStreamCall extends StreamCall<ServerStreamMethod> {
  #hasBegun = false
  #onDrained: (() => void) | undefined

  protected readNext(): void {
    if (this.#hasBegun) return
    const request = this.next()
    if (request === undefined) return
    this.#hasBegun = true
    this.#run(request).then(
      () => this.succeed(),
      (error: unknown) => this.fail(error),
    )
  }

  end(): void {
    if (!this.#hasBegun) this.failWith(NO_REQUEST)
  }

  protected goOn(): void {
    this.#onDrained?.()
  }

  protected over(): void {
    this.#onDrained?.()
  }

  async #run(request: unknown): Promise<void> {
    for await (const response of this.route.method.handle(request, this.caller)) {
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
