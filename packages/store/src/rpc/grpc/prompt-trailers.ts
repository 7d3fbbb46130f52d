import type { ServerHttp2Stream } from 'node:http2'

/** Node's own hold of a stream. */
interface StreamHandle {
  trailers(...headers: unknown[]): number
}

/**
 * Sends the status of a call in the same write as its response. Node waits for the next turn of its
 * event loop before it sends trailers, which costs a system call and, with one client, more time than
 * writing the log: the answer is complete only with its trailers. nghttp2 takes them at the very
 * moment in which Node asks for them, so that they are given to it directly, and what Node sends
 * later is left out. Where Node's inside looks different, all is as Node does it.
 */
export class PromptTrailers {
  /** What Node gives to its handle for the status OK: learnt from the first call. */
  #ok: readonly unknown[] | undefined
  /** Under which Node keeps a stream's handle: the same for all. */
  #handleSymbol: symbol | undefined

  /** Call it between the response and the status OK. */
  expect(call: object): void {
    const { stream } = call as { stream?: ServerHttp2Stream }
    const handle = stream && this.#handleOf(stream)
    if (handle === undefined) return
    const ok = this.#ok
    if (ok === undefined) this.#learn(handle)
    else stream?.once('wantTrailers', () => sendNow(handle, ok))
  }

  #handleOf(stream: ServerHttp2Stream): StreamHandle | undefined {
    this.#handleSymbol ??= Object.getOwnPropertySymbols(stream).find(isHandle)
    if (this.#handleSymbol === undefined) return undefined
    const held = stream as unknown as Record<symbol, Partial<StreamHandle> | undefined>
    const handle = held[this.#handleSymbol]
    return typeof handle?.trailers === 'function' ? (handle as StreamHandle) : undefined
  }

  #learn(handle: StreamHandle): void {
    const send = handle.trailers
    handle.trailers = (...headers) => {
      this.#ok = headers
      return send.apply(handle, headers)
    }
  }
}

function sendNow(handle: StreamHandle, headers: readonly unknown[]): void {
  const result = handle.trailers(...headers)
  handle.trailers = () => result
}

const isHandle = ({ description }: symbol): boolean => description === 'kHandle'
