import type { MessageType } from '../../wire/message.js'
import type { ResponseStream, RpcCaller } from '../service.js'

/** A client of a streaming call that reads when it is told to. */
export class FakeStream<R> implements ResponseStream<never> {
  readonly caller: RpcCaller
  /** As the client decodes them. */
  readonly responses: R[] = []
  readonly encoded: Uint8Array[] = []
  readonly ends: unknown[] = []
  isCongested = false
  readonly #type: MessageType<R, never>

  constructor(type: MessageType<R, never>, caller: RpcCaller = {}) {
    this.#type = type
    this.caller = caller
  }

  send(response: never): void {
    this.sendEncoded(this.#type.encode(response))
  }

  sendEncoded(bytes: Uint8Array): void {
    this.encoded.push(bytes)
    this.responses.push(this.#type.decode(bytes))
  }

  end(error?: unknown): void {
    this.ends.push(error)
  }

  /** What came since the last time. */
  take(): R[] {
    return this.responses.splice(0)
  }
}
