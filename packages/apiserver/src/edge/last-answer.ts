import { type IncomingMessage, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import type { TLSSocket } from 'node:tls'
import type { ResponseHeaders } from './answer-stream.js'

/** Begins an answer in plain HTTP on a connection that was to be upgraded; nothing comes after it. */
export function beginLastAnswer(
  incoming: IncomingMessage,
  socket: Duplex,
  status: number,
  headers: ResponseHeaders,
): ServerResponse {
  const outgoing = new ServerResponse(incoming)
  outgoing.shouldKeepAlive = false
  outgoing.assignSocket(socket as TLSSocket)
  outgoing.writeHead(status, headers as Record<string, string | string[]>)
  return outgoing
}
