import type { Conversation } from '@miniplane/api'
import { createWebSocketStream, type WebSocket } from 'ws'
import { SpdyConnection, type SpdySurroundings } from '../spdy/connection.js'
import { commandProtocol, talkToCommand } from './command-channels.js'
import { portsProtocol, talkToPorts } from './port-channels.js'
import { PORTS_PROTOCOL, SpdyPorts } from './spdy-ports.js'

/** A subprotocol of WebSocket in which a conversation can be held. */
export interface AgreedProtocol {
  /** Empty when the client offered none. */
  readonly name: string
  /** Resolves when the conversation is over. */
  talk(socket: WebSocket): Promise<void>
}

/** The one of those that a client offers, in his order, that is spoken here. */
export function protocolFor(
  conversation: Conversation,
  offered: readonly string[],
  surroundings: SpdySurroundings,
): AgreedProtocol | undefined {
  if (conversation.kind === 'command') {
    const protocol = commandProtocol(offered)
    if (!protocol) return undefined
    return {
      name: protocol.name,
      talk: (socket) => talkToCommand(socket, protocol, conversation, surroundings.clock),
    }
  }
  const { session, ports } = conversation
  if (offered.some((name) => name.startsWith(TUNNEL_PREFIX)))
    return offered.includes(TUNNEL) ? tunnel(conversation, surroundings) : undefined
  const protocol = portsProtocol(offered)
  if (!protocol) return undefined
  return {
    name: protocol.name,
    talk: (socket) => talkToPorts(socket, protocol, session, ports),
  }
}

const TUNNEL_PREFIX = 'SPDY/3.1+'
const TUNNEL = `${TUNNEL_PREFIX}${PORTS_PROTOCOL}`

/** SPDY, in binary messages of a WebSocket: what kubectl forwards ports with. */
const tunnel = (
  { session }: Extract<Conversation, { kind: 'ports' }>,
  surroundings: SpdySurroundings,
): AgreedProtocol => ({
  name: TUNNEL,
  talk(socket) {
    const ports = new SpdyPorts(session, surroundings)
    const connection = new SpdyConnection(
      createWebSocketStream(socket),
      ports.onStream,
      surroundings,
    )
    return ports.talk(connection)
  },
})
