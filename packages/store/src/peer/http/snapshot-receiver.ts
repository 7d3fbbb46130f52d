import type { IncomingMessage } from 'node:http'
import { formatId } from '../../membership/ids.js'
import type { Message } from '../../raft/types.js'
import { MalformedMessage } from '../../wire/message.js'
import type { HttpPeers } from './http-peers.js'
import { readMessageFrame } from './message-frame.js'
import { unstalled } from './peer-client.js'

/** A MsgSnap has no entries: its own state travels behind it. */
const MESSAGE_BYTES_MAX = 1024 * 1024

export interface Refusal {
  readonly status: number
  readonly text: string
}

/** Takes snapshots: a MsgSnap, and the state behind it, which is never in memory as a whole. */
export class SnapshotReceiver {
  readonly #peers: HttpPeers
  #inFlight = 0

  constructor(peers: HttpPeers) {
    this.#peers = peers
  }

  /** Answers why not, or undefined once the state is stored and the message processed. */
  async receive(request: IncomingMessage): Promise<Refusal | undefined> {
    const { limits, metrics } = this.#peers
    if (this.#inFlight >= limits.snapshotsInFlightMax) {
      return { status: 503, text: 'too many snapshots at once' }
    }
    metrics.snapshotReceivesInFlight.set(++this.#inFlight)
    try {
      return await this.#receive(request)
    } finally {
      metrics.snapshotReceivesInFlight.set(--this.#inFlight)
    }
  }

  async #receive(request: IncomingMessage): Promise<Refusal | undefined> {
    const { clock, limits, handler, identity, log } = this.#peers
    const chunks = unstalled(request, clock, limits.snapshotStallMs)
    try {
      const { message, rest } = await readHead(chunks)
      if (message.type !== 'MsgSnap') return { status: 400, text: 'wrong raft message type' }
      if (message.to !== identity.id) {
        return { status: 403, text: 'cannot process message to mismatch member' }
      }
      const fields = { 'peer-id': formatId(message.from) }
      log.info('receiving a snapshot', fields)
      await handler.receiveSnapshot(message, follow(rest, chunks))
      log.info('received a snapshot', fields)
      return undefined
    } catch (error) {
      if (error instanceof MalformedMessage) {
        return { status: 400, text: `failed to decode raft message (${error.message})` }
      }
      log.warn('could not receive a snapshot', { error: String(error) })
      return { status: 500, text: `failed to save KV snapshot (${String(error)})` }
    } finally {
      await chunks.return()
    }
  }
}

async function readHead(
  chunks: AsyncIterator<Buffer>,
): Promise<{ readonly message: Message; readonly rest: Buffer }> {
  let bytes = Buffer.alloc(0)
  for (;;) {
    const frame = readMessageFrame(bytes, 0)
    if (frame.message !== undefined) {
      return { message: frame.message, rest: bytes.subarray(frame.end) }
    }
    if (frame.end > MESSAGE_BYTES_MAX) throw new MalformedMessage('no message before the snapshot')
    const next = await chunks.next()
    if (next.done === true) throw new MalformedMessage('unexpected EOF')
    bytes = Buffer.concat([bytes, next.value])
  }
}

async function* follow(
  first: Buffer,
  chunks: AsyncIterable<Buffer>,
): AsyncGenerator<Buffer, void, undefined> {
  if (first.length > 0) yield first
  yield* chunks
}
