import type { Clock } from '../../clock.js'
import type { Message } from '../../raft/types.js'
import { Message as WireMessage } from '../../wire/raft.js'
import type { PeerLimits } from './limits.js'
import { type PeerClient, readBody, responseTo } from './peer-client.js'
import type { UrlPicker } from './url-picker.js'

export interface PipelineOptions {
  readonly urls: UrlPicker
  readonly client: PeerClient
  readonly headers: () => Record<string, string>
  readonly clock: Clock
  readonly limits: PeerLimits
  readonly onSent: (bytes: number) => void
  readonly onFailed: (why: string) => void
  readonly onRemoved: () => void
}

/** Messages to a peer that hasn't asked for a stream of them (yet): a request for each. */
export class Pipeline {
  readonly #options: PipelineOptions
  readonly #queue: Message[] = []
  #inFlight = 0
  #isClosed = false

  constructor(options: PipelineOptions) {
    this.#options = options
  }

  /** Answers false when there is no room for it. */
  send(message: Message): boolean {
    const { postsQueuedMax, postsInFlightMax } = this.#options.limits
    if (this.#isClosed || this.#queue.length >= postsQueuedMax) return false
    this.#queue.push(message)
    if (this.#inFlight < postsInFlightMax) void this.#work()
    return true
  }

  close(): void {
    this.#isClosed = true
    this.#queue.length = 0
  }

  async #work(): Promise<void> {
    this.#inFlight++
    for (let next = this.#queue.shift(); next !== undefined; next = this.#queue.shift()) {
      await this.#post(WireMessage.encode(next))
    }
    this.#inFlight--
  }

  async #post(body: Uint8Array): Promise<void> {
    const { urls, client, headers, clock, limits, onSent, onFailed } = this.#options
    const url = urls.current
    try {
      const request = client.open({
        url,
        path: '/raft',
        method: 'POST',
        headers: {
          ...headers(),
          'Content-Type': 'application/protobuf',
          'Content-Length': body.length,
        },
      })
      request.end(body)
      const response = await responseTo(request, clock, limits.postTimeoutMs)
      const text = await readBody(response, ANSWER_BYTES_MAX, clock, limits.postTimeoutMs)
      if (this.#isClosed) return
      if (response.statusCode === 403) this.#options.onRemoved()
      else if (response.statusCode === 204) onSent(body.length)
      else throw new Error(`${response.statusCode} ${text.toString().trim()}`)
    } catch (error) {
      urls.unreachable(url)
      if (!this.#isClosed) onFailed(`${url}: ${error instanceof Error ? error.message : error}`)
    }
  }
}

const ANSWER_BYTES_MAX = 4096
