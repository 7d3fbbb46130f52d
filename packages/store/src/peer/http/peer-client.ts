import * as http from 'node:http'
import * as https from 'node:https'
import type { ConnectionOptions } from 'node:tls'
import type { Clock } from '../../clock.js'

/** The newest certificates, asked for with each connection. */
export type ClientTls = () => ConnectionOptions

export interface PeerRequest {
  /** One of the peer's URLs: scheme, host and port. */
  readonly url: string
  readonly path: string
  readonly method: 'GET' | 'POST'
  readonly headers?: http.OutgoingHttpHeaders
  /** On a connection of its own, which ends with the answer. */
  readonly isAlone?: boolean
}

/** Makes requests to members. Connections are kept for further ones. */
export class PeerClient {
  readonly #tls: ClientTls | undefined
  readonly #kept = { http: new http.Agent(KEEP), https: new https.Agent(KEEP) }
  readonly #alone = { http: new http.Agent(), https: new https.Agent() }

  constructor(tls: ClientTls | undefined) {
    this.#tls = tls
  }

  /** The caller writes the body, if any, and ends it. Throws a TypeError for a URL that is none. */
  open({ url, path, method, headers = {}, isAlone = false }: PeerRequest): http.ClientRequest {
    const agents = isAlone ? this.#alone : this.#kept
    const target = new URL(path, url)
    if (target.protocol !== 'https:') {
      return http.request(target, { agent: agents.http, method, headers })
    }
    return https.request(target, { ...this.#tls?.(), agent: agents.https, method, headers })
  }

  close(): void {
    for (const agents of [this.#kept, this.#alone]) {
      agents.http.destroy()
      agents.https.destroy()
    }
  }
}

const KEEP: http.AgentOptions = { keepAlive: true, maxFreeSockets: 8 }

/**
 * The answer to a request, as soon as its head is there. Rejects when there is none in time (default:
 * however long it takes); then the connection is gone as well.
 */
export function responseTo(
  request: http.ClientRequest,
  clock: Clock,
  timeoutMs?: number,
): Promise<http.IncomingMessage> {
  return new Promise((resolve, reject) => {
    const timer =
      timeoutMs === undefined
        ? undefined
        : clock.setTimer(timeoutMs, () => {
            request.destroy(new Error(`no answer within ${timeoutMs} ms`))
          })
    // The listener stays: what goes wrong later shows at the response.
    request.on('error', (error) => {
      timer?.cancel()
      reject(error)
    })
    request.once('close', () => {
      timer?.cancel()
      reject(new Error('the connection was closed'))
    })
    request.once('response', (response) => {
      timer?.cancel()
      resolve(response)
    })
  })
}

/** All of a body. Rejects when it is longer than `bytesMax`, stalls, or ends too early. */
export async function readBody(
  message: http.IncomingMessage,
  bytesMax: number,
  clock: Clock,
  stallMs: number,
): Promise<Buffer> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of unstalled(message, clock, stallMs)) {
    chunks.push(chunk)
    bytes += chunk.length
    if (bytes > bytesMax) throw new Error(`a body of more than ${bytesMax} bytes`)
  }
  return Buffer.concat(chunks)
}

/** The chunks of a body, read as they are taken. Throws when the next one doesn't come in time. */
export async function* unstalled(
  message: http.IncomingMessage,
  clock: Clock,
  stallMs: number,
): AsyncGenerator<Buffer, void, undefined> {
  const chunks = message[Symbol.asyncIterator]() as AsyncIterableIterator<Buffer>
  try {
    for (;;) {
      const timer = clock.setTimer(stallMs, () => {
        message.destroy(new Error(`nothing came for ${stallMs} ms`))
      })
      const next = await chunks.next().finally(() => timer.cancel())
      if (next.done === true) return
      yield next.value
    }
  } finally {
    await chunks.return?.()
  }
}
