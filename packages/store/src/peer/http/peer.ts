import type { ServerResponse } from 'node:http'
import type { Clock } from '../../clock.js'
import type { Log } from '../../log.js'
import { formatId } from '../../membership/ids.js'
import type { PeerMetrics } from '../../metrics/metrics.js'
import type { Message, NodeId } from '../../raft/types.js'
import type { StateStream } from '../transport.js'
import { type StreamKind, streamKinds } from './frames.js'
import { IncomingStream } from './incoming-stream.js'
import type { PeerLimits } from './limits.js'
import { OutgoingStream } from './outgoing-stream.js'
import type { PeerClient } from './peer-client.js'
import { Pipeline } from './pipeline.js'
import { sendSnapshot } from './snapshot-sender.js'
import { UrlPicker } from './url-picker.js'

export interface PeerOptions {
  readonly id: NodeId
  readonly selfId: NodeId
  readonly urls: readonly string[]
  /** Not a member as far as we know: it gets answers, and we ask it for nothing. */
  readonly isRemote: boolean
  readonly client: PeerClient
  readonly headers: () => Record<string, string>
  readonly clock: Clock
  readonly limits: PeerLimits
  readonly metrics: PeerMetrics
  readonly log: Log
  readonly receive: (message: Message, bytes: number) => void
  readonly onUnreachable: (id: NodeId) => void
  readonly onRemoved: () => void
}

/** All ways to one peer and from it. */
export class Peer {
  readonly id: NodeId
  readonly isRemote: boolean
  readonly urls: UrlPicker
  readonly #options: PeerOptions
  readonly #incoming: readonly IncomingStream[]
  readonly #outgoing = new Map<StreamKind, OutgoingStream>()
  readonly #pipeline: Pipeline
  readonly #closed = new AbortController()
  #activeSinceMs: number | undefined
  /** Said once, not with every attempt. */
  #isSaidUnreachable = false

  constructor(options: PeerOptions) {
    const { id, isRemote, onRemoved, metrics } = options
    this.id = id
    this.isRemote = isRemote
    this.urls = new UrlPicker(options.urls)
    this.#options = options
    this.#pipeline = new Pipeline({
      ...options,
      urls: this.urls,
      onSent: (bytes) => {
        metrics.sentBytes.add(bytes)
        this.#activate()
        this.hurry()
      },
      onFailed: (why) => this.#fail(why),
      onRemoved,
    })
    this.#incoming = isRemote ? [] : streamKinds.map((kind) => this.#openIncoming(kind))
  }

  get activeSinceMs(): number | undefined {
    return this.#activeSinceMs
  }

  send(messages: readonly Message[]): void {
    const appends = messages.filter(({ type }) => type === 'MsgApp')
    if (appends.length === 0 || appends.length === messages.length) {
      this.#sendVia(appends.length === 0 ? 'message' : 'msgapp', messages)
      return
    }
    const others = messages.filter(({ type }) => type !== 'MsgApp')
    this.#sendVia('message', others)
    this.#sendVia('msgapp', appends)
  }

  /** Rejects when the peer didn't take or store it. */
  async sendSnapshot(message: Message, state: StateStream): Promise<void> {
    const { client, headers, clock, limits } = this.#options
    const url = this.urls.current
    const { signal } = this.#closed
    const how = { url, message, state, client, headers: headers(), clock, limits, signal }
    try {
      await sendSnapshot(how)
    } catch (error) {
      this.urls.unreachable(url)
      throw error
    }
  }

  /** The peer asks for our messages; what it asked for before is over. */
  attach(kind: StreamKind, response: ServerResponse): void {
    const { clock, limits, id, onUnreachable } = this.#options
    this.#outgoing.get(kind)?.close()
    const stream = new OutgoingStream({
      kind,
      response,
      clock,
      limits,
      onLost: () => {
        this.#outgoing.delete(kind)
        onUnreachable(id)
      },
    })
    this.#outgoing.set(kind, stream)
    this.hurry()
  }

  /** It lives. */
  hurry(): void {
    for (const stream of this.#incoming) stream.hurry()
  }

  close(): void {
    this.#closed.abort()
    this.#pipeline.close()
    for (const stream of this.#incoming) stream.close()
    for (const stream of this.#outgoing.values()) stream.close()
    this.#outgoing.clear()
    this.#deactivate()
  }

  #sendVia(kind: StreamKind, messages: readonly Message[]): void {
    const { metrics } = this.#options
    const stream = this.#outgoing.get(kind) ?? this.#outgoing.get('message')
    if (stream === undefined) {
      for (const message of messages) if (!this.#pipeline.send(message)) this.#drop()
      return
    }
    const bytes = stream.write(messages)
    if (bytes === undefined) this.#drop(messages.length)
    else metrics.sentBytes.add(bytes)
  }

  #drop(count = 1): void {
    const { metrics, onUnreachable, id } = this.#options
    metrics.sendFailures.add(count)
    onUnreachable(id)
  }

  #openIncoming(kind: StreamKind): IncomingStream {
    const { id, receive, onRemoved } = this.#options
    return new IncomingStream({
      ...this.#options,
      kind,
      peerId: id,
      urls: this.urls,
      onMessage: receive,
      onOpened: () => this.#activate(),
      onLost: (why) => {
        // Of its two streams one may break alone.
        if (!this.#incoming.some(({ isOpen }) => isOpen)) this.#deactivate(why)
      },
      onRemoved,
    })
  }

  #activate(): void {
    if (this.#activeSinceMs !== undefined) return
    const { clock, metrics, log, id } = this.#options
    this.#activeSinceMs = clock.now()
    this.#isSaidUnreachable = false
    metrics.active.set(1)
    log.info('peer became active', { 'peer-id': formatId(id) })
  }

  #fail(why: string): void {
    this.#drop()
    this.#deactivate(why)
  }

  #deactivate(why = 'closed'): void {
    const { metrics, log, id } = this.#options
    if (this.#activeSinceMs !== undefined) {
      this.#activeSinceMs = undefined
      metrics.active.set(0)
      metrics.disconnects.add()
    } else if (this.#isSaidUnreachable) {
      return
    }
    this.#isSaidUnreachable = true
    log.warn('peer became inactive', { 'peer-id': formatId(id), error: why })
  }
}
