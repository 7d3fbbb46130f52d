import type { UnaryMethod } from '../service.js'
import { Call } from './call.js'
import { NO_REQUEST } from './call-context.js'

/** One request, one response. Begins as soon as the request is there. */
export class UnaryCall extends Call<UnaryMethod> {
  #hasBegun = false

  protected readNext(): void {
    // Whatever follows the request nobody asked for.
    if (this.#hasBegun) return
    const request = this.next()
    if (request === undefined) return
    this.#hasBegun = true
    try {
      this.route.method.handle(request, this.caller).then(this.#respond, this.#fail)
    } catch (error) {
      this.fail(error)
    }
  }

  end(): void {
    if (!this.#hasBegun) this.failWith(NO_REQUEST)
  }

  readonly #respond = (response: unknown): void => {
    if (this.isDone) return
    try {
      const { method } = this.route
      const bytes = method.encode?.(response as never) ?? method.response.encode(response)
      this.context.observer.sent?.(bytes.length)
      this.answer.send(bytes)
    } catch (error) {
      this.fail(error)
      return
    }
    this.succeed()
  }

  readonly #fail = (error: unknown): void => this.fail(error)
}
