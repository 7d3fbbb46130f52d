import type { IncomingMessage, ServerResponse } from 'node:http'
import type { ApiResponse, WatchSource } from '@miniplane/api'
import type { Limits } from '../limits.js'

/** Writes an answer to a socket. */
export function sendResponse(
  response: ApiResponse,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  limits: Limits,
): void {
  const { status, body } = response
  const headers = onWire(response.headers)
  switch (body.kind) {
    case 'watch':
      outgoing.writeHead(status, { ...headers, 'transfer-encoding': 'chunked' })
      outgoing.flushHeaders()
      streamEvents(body.events, incoming, outgoing, limits)
      return
    case 'object':
      sendBytes(status, headers, body.json(), incoming, outgoing)
      return
    case 'bytes':
      sendBytes(status, headers, body.bytes, incoming, outgoing)
      return
    case 'none':
      outgoing.writeHead(status, headers as Record<string, string | string[]>)
      outgoing.end()
  }
}

/** A header carries bytes, one a character. Only warnings hold what people wrote. */
function onWire(headers: ApiResponse['headers']): ApiResponse['headers'] {
  if (headers.warning === undefined) return headers
  const warning = [headers.warning].flat().map((text) => Buffer.from(text).toString('latin1'))
  return { ...headers, warning }
}

function sendBytes(
  status: number,
  headers: ApiResponse['headers'],
  bytes: Uint8Array,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
): void {
  outgoing.writeHead(status, {
    ...(headers as Record<string, string | string[]>),
    'content-length': bytes.length,
  })
  outgoing.end(incoming.method === 'HEAD' ? undefined : bytes)
}

/**
 * Sends events as they come. What a slow reader has not taken yet waits in the socket's buffer;
 * one that is too far behind is cut off, and lists again.
 */
function streamEvents(
  events: WatchSource,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  { watchQueuedBytesMax }: Limits,
): void {
  // Gone before it was answered: nobody would say so again, and the watch would stay.
  if (outgoing.destroyed) return
  let stop: (() => void) | undefined
  let isOver = false
  const finish = () => {
    isOver = true
    stop?.()
  }
  outgoing.on('close', finish)
  incoming.on('aborted', finish)
  stop = events.subscribe({
    onEvents(batch) {
      if (outgoing.destroyed) return
      for (const event of batch) outgoing.write(event.json())
      if (outgoing.writableLength > watchQueuedBytesMax) outgoing.destroy()
    },
    onEnd() {
      isOver = true
      outgoing.end()
    },
  })
  if (isOver) stop()
}
