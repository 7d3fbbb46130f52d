import {
  genericServerResponse,
  type KubeObject,
  type Status,
  StatusError,
  type WatchEvent,
} from '@miniplane/api'
import type {
  Transport,
  TransportRequest,
  TransportResponse,
  WebSocketConnection,
} from '@miniplane/client'
import { CommandError } from '../errors/errors.js'
import type { Output } from '../output.js'

export interface RestRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  readonly path: string
  readonly query?: Readonly<Record<string, string | undefined>>
  readonly body?: unknown
  readonly accept?: string
  readonly contentType?: string
  readonly signal?: AbortSignal
}

/** Server-side tables first, then whatever the server has. */
export const TABLE_ACCEPT =
  'application/json;as=Table;v=v1;g=meta.k8s.io,application/json;as=Table;v=v1beta1;g=meta.k8s.io,application/json'

export const DISCOVERY_ACCEPT =
  'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json'

export interface RestOptions {
  readonly headers: Readonly<Record<string, string>>
  readonly warningsAsErrors: boolean
}

/** Requests to the API server: refusals are thrown, warnings go to standard error once each. */
export class Rest {
  readonly #transport: Transport
  readonly #out: Output
  readonly #options: RestOptions
  readonly #warned = new Set<string>()

  constructor(transport: Transport, out: Output, options: RestOptions) {
    this.#transport = transport
    this.#out = out
    this.#options = options
  }

  /** How many different warnings the server has sent. */
  get warnings(): number {
    return this.#warned.size
  }

  async send(request: RestRequest): Promise<TransportResponse> {
    const response = await this.#transport.request({
      method: request.method,
      path: request.path,
      headers: this.#headers(request),
      ...(request.query ? { query: request.query } : {}),
      ...(request.body === undefined ? {} : { body: request.body }),
      ...(request.signal ? { signal: request.signal } : {}),
    })
    this.#warn(response)
    if (response.status >= 400) throw refusalOf(request, response)
    return response
  }

  /** The object that the server answers with. It may be shared: never write to it. */
  async object(request: RestRequest): Promise<KubeObject> {
    return (await this.send(request)).object as KubeObject
  }

  /**
   * Follows a watch. Yields batches of events; ends when the server ends it. Throws a refusal, or
   * the signal's reason when aborted.
   */
  async *watch(
    request: Omit<RestRequest, 'method'>,
    signal: AbortSignal,
  ): AsyncGenerator<readonly WatchEvent<KubeObject>[]> {
    const queue: (readonly WatchEvent<KubeObject>[])[] = []
    let ended: { readonly error: unknown } | undefined
    let wake = () => {}
    const stop = await this.#transport.watch(
      {
        method: 'GET',
        path: request.path,
        headers: this.#headers({ ...request, method: 'GET' }),
        query: { ...request.query, watch: 'true' },
      },
      {
        onEvents(events) {
          queue.push(events)
          wake()
        },
        onEnd(error) {
          ended = { error }
          wake()
        },
      },
    )
    const onAbort = () => wake()
    signal.addEventListener('abort', onAbort)
    try {
      for (;;) {
        if (signal.aborted) throw signal.reason
        const batch = queue.shift()
        if (batch) yield batch
        else if (ended?.error) throw ended.error
        else if (ended) return
        else {
          await new Promise<void>((resolve) => {
            wake = resolve
          })
        }
      }
    } finally {
      signal.removeEventListener('abort', onAbort)
      stop()
    }
  }

  /** A WebSocket in one of the subprotocols. */
  openWebSocket(
    path: string,
    query: TransportRequest['query'] & object,
    protocols: readonly string[],
  ): Promise<WebSocketConnection> {
    const request = { method: 'GET', path, query, headers: this.#options.headers }
    const opened = this.#transport.openWebSocket?.(request, protocols)
    return opened ?? Promise.reject(new CommandError('this connection carries no streams'))
  }

  /** An answer as it comes, such as a log that is followed. */
  async stream(request: RestRequest): Promise<AsyncIterable<Uint8Array>> {
    const { method, path, query = {} } = request
    const headers = this.#headers(request)
    const streamed = this.#transport.stream?.({ method, path, query, headers })
    if (streamed) return streamed
    const whole = await this.send(request)
    return (async function* () {
      yield Buffer.from(whole.text())
    })()
  }

  close(): void {
    this.#transport.close()
  }

  #headers(request: RestRequest): Record<string, string> {
    const headers: Record<string, string> = {
      accept: request.accept ?? 'application/json',
      ...this.#options.headers,
    }
    if (request.body !== undefined) {
      headers['content-type'] = request.contentType ?? 'application/json'
    }
    return headers
  }

  #warn(response: TransportResponse): void {
    const header = response.headers.warning
    const text = typeof header === 'string' ? header : (header ?? []).join(', ')
    for (const [, quoted] of text.matchAll(/299 \S+ ("(?:[^"\\]|\\.)*")/g)) {
      const message = unquote(quoted ?? '""')
      if (this.#warned.has(message)) continue
      this.#warned.add(message)
      this.#out.stderr(`Warning: ${message}\n`)
    }
  }

  /** With `--warnings-as-errors`, a command that was warned has failed. */
  refuseWarnings(): void {
    if (!this.#options.warningsAsErrors || this.warnings === 0) return
    const count = this.warnings === 1 ? '1 warning' : `${this.warnings} warnings`
    throw new CommandError(`${count} received`)
  }
}

/** The text of a quoted string in a header (RFC 9110 §5.6.4). */
const unquote = (quoted: string): string => quoted.slice(1, -1).replace(/\\(.)/g, '$1')

function refusalOf(request: RestRequest, response: TransportResponse): StatusError {
  const { object } = response
  if ((object as Status | undefined)?.kind === 'Status') return new StatusError(object as Status)
  const verb = request.method.toLowerCase()
  return genericServerResponse(
    response.status,
    verb,
    { group: '', resource: '' },
    '',
    response.text(),
  )
}
