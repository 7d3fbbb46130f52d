import type { ClientRequest, IncomingMessage } from 'node:http'
import type { Clock, Timer } from '../../clock.js'
import { formatId } from '../../membership/ids.js'
import type { Message, NodeId } from '../../raft/types.js'
import { MalformedMessage } from '../../wire/message.js'
import { FrameReader, type StreamKind } from './frames.js'
import { RAFT_TO_HEADER } from './identity.js'
import type { PeerLimits } from './limits.js'
import { type PeerClient, readBody, responseTo } from './peer-client.js'
import type { UrlPicker } from './url-picker.js'

export interface IncomingStreamOptions {
  readonly kind: StreamKind
  readonly selfId: NodeId
  readonly peerId: NodeId
  readonly urls: UrlPicker
  readonly client: PeerClient
  readonly headers: () => Record<string, string>
  readonly clock: Clock
  readonly limits: PeerLimits
  readonly onMessage: (message: Message, bytes: number) => void
  readonly onOpened: () => void
  /** It could not be opened, or broke; it will be tried again. */
  readonly onLost: (why: string) => void
  /** The peer says that we don't belong to the cluster any more. It is not tried again. */
  readonly onRemoved: () => void
}

/** Asks a peer for its messages and reads them, again and again until it is closed. */
export class IncomingStream {
  readonly #options: IncomingStreamOptions
  #request: ClientRequest | undefined
  #timer: Timer | undefined
  #redialMs: number
  #lostMs = 0
  #state: 'dialing' | 'open' | 'waiting' = 'waiting'
  #isClosed = false

  constructor(options: IncomingStreamOptions) {
    this.#options = options
    this.#redialMs = options.limits.redialMs[0]
    void this.#dial()
  }

  get isOpen(): boolean {
    return this.#state === 'open' && !this.#isClosed
  }

  /** The peer shows that it lives: there is no reason to wait much longer. */
  hurry(): void {
    if (this.#state !== 'waiting' || this.#isClosed) return
    const { clock, limits } = this.#options
    if (clock.now() < this.#lostMs + limits.redialMs[0]) return
    this.#timer?.cancel()
    void this.#dial()
  }

  close(): void {
    this.#isClosed = true
    this.#timer?.cancel()
    this.#request?.destroy()
  }

  async #dial(): Promise<void> {
    const { urls, clock, limits } = this.#options
    const url = urls.current
    this.#state = 'dialing'
    try {
      const request = this.#open(url)
      this.#request = request
      const response = await responseTo(request, clock, limits.dialTimeoutMs)
      if (this.#isClosed) return
      if (response.statusCode === 200) return this.#read(response)
      if (response.statusCode === 410) return this.#endAsRemoved()
      const text = await readBody(response, REFUSAL_BYTES_MAX, clock, limits.dialTimeoutMs)
      throw new Error(`${response.statusCode} ${text.toString().trim()}`)
    } catch (error) {
      urls.unreachable(url)
      this.#request?.destroy()
      this.#retry(`${url}: ${String(error instanceof Error ? error.message : error)}`)
    }
  }

  #open(url: string): ClientRequest {
    const { kind, selfId, peerId, client, headers } = this.#options
    const request = client.open({
      url,
      path: `/raft/stream/${kind}/${formatId(selfId)}`,
      method: 'GET',
      headers: { ...headers(), [RAFT_TO_HEADER]: formatId(peerId) },
      isAlone: true,
    })
    request.end()
    return request
  }

  #read(response: IncomingMessage): void {
    const { kind, selfId, peerId, limits, clock, onMessage, onOpened } = this.#options
    const frames = new FrameReader({
      kind,
      from: peerId,
      to: selfId,
      bytesMax: limits.messageBytesMax,
    })
    this.#state = 'open'
    this.#redialMs = limits.redialMs[0]
    let lastMs = clock.now()
    let isLost = false
    const lose = (why: string): void => {
      if (isLost) return
      isLost = true
      response.destroy()
      this.#retry(why)
    }
    response.on('data', (chunk: Buffer) => {
      lastMs = clock.now()
      try {
        frames.push(chunk, onMessage)
      } catch (error) {
        if (!(error instanceof MalformedMessage)) throw error
        lose(error.message)
      }
    })
    response.once('error', (error) => lose(error.message))
    response.once('close', () => lose('the stream ended'))
    this.#watch(limits.readTimeoutMs, () => lastMs, lose)
    onOpened()
  }

  /** One timer, set again only when it rings, however much comes. */
  #watch(delayMs: number, lastMs: () => number, lose: (why: string) => void): void {
    const { clock, limits } = this.#options
    this.#timer = clock.setTimer(delayMs, () => {
      const leftMs = lastMs() + limits.readTimeoutMs - clock.now()
      if (leftMs <= 0) lose(`nothing came for ${limits.readTimeoutMs} ms`)
      else this.#watch(leftMs, lastMs, lose)
    })
  }

  #retry(why: string): void {
    if (this.#isClosed) return
    const { clock, limits, onLost } = this.#options
    this.#timer?.cancel()
    this.#state = 'waiting'
    this.#lostMs = clock.now()
    this.#timer = clock.setTimer(this.#redialMs, () => void this.#dial())
    this.#redialMs = Math.min(this.#redialMs * 2, limits.redialMs[1])
    onLost(why)
  }

  #endAsRemoved(): void {
    this.close()
    this.#options.onRemoved()
  }
}

const REFUSAL_BYTES_MAX = 4096
