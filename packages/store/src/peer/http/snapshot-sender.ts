import type { ClientRequest } from 'node:http'
import type { Clock } from '../../clock.js'
import type { Message } from '../../raft/types.js'
import type { StateStream } from '../transport.js'
import { encodeFrames } from './frames.js'
import type { PeerLimits } from './limits.js'
import { type PeerClient, readBody, responseTo } from './peer-client.js'

export interface SnapshotSend {
  readonly url: string
  readonly message: Message
  readonly state: StateStream
  readonly client: PeerClient
  readonly headers: Record<string, string>
  readonly clock: Clock
  readonly limits: PeerLimits
  readonly signal: AbortSignal
}

/**
 * Sends a MsgSnap with its state behind it, as fast as the peer takes it: at most what one socket
 * buffers is in memory. Resolves when the peer has stored it, and rejects otherwise.
 */
export async function sendSnapshot(send: SnapshotSend): Promise<void> {
  const { url, message, state, client, clock, limits, signal } = send
  const head = encodeFrames('message', [message])
  const request = client.open({
    url,
    path: '/raft/snapshot',
    method: 'POST',
    headers: {
      ...send.headers,
      'Content-Type': 'application/octet-stream',
      'Content-Length': head.length + state.sizeBytes,
    },
    isAlone: true,
  })
  const abort = (): void => void request.destroy(new Error('not wanted any more'))
  signal.addEventListener('abort', abort)
  try {
    // The answer comes when the peer has stored everything, or earlier, when it refuses.
    const answer = responseTo(request, clock)
    await Promise.race([writeAll(request, head, state, send), answer])
    const deadline = clock.setTimer(limits.snapshotStallMs, () => {
      request.destroy(new Error('the snapshot was sent, and no answer came'))
    })
    const response = await answer.finally(() => deadline.cancel())
    const text = await readBody(response, ANSWER_BYTES_MAX, clock, limits.postTimeoutMs)
    if (response.statusCode !== 204) {
      throw new Error(`${response.statusCode} ${text.toString().trim()}`)
    }
  } finally {
    signal.removeEventListener('abort', abort)
    request.destroy()
  }
}

async function writeAll(
  request: ClientRequest,
  head: Buffer,
  state: StateStream,
  { clock, limits }: SnapshotSend,
): Promise<void> {
  let isWanted = true
  const stop = (): void => {
    isWanted = false
  }
  request.once('response', stop)
  request.once('close', stop)
  request.write(head)
  for await (const chunk of state.chunks) {
    if (!isWanted) return
    if (!request.write(chunk)) await drained(request, clock, limits.snapshotStallMs)
  }
  request.end()
}

/** Resolves when there is room again, or no need for any. */
function drained(request: ClientRequest, clock: Clock, stallMs: number): Promise<void> {
  return new Promise((resolve) => {
    const timer = clock.setTimer(stallMs, () => {
      request.destroy(new Error(`the peer took nothing for ${stallMs} ms`))
    })
    const events = ['drain', 'close', 'response']
    const done = (): void => {
      timer.cancel()
      for (const event of events) request.off(event, done)
      resolve()
    }
    for (const event of events) request.on(event, done)
  })
}

const ANSWER_BYTES_MAX = 4096
