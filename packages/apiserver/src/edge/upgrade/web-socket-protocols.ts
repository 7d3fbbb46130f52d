import type { Conversation } from '@miniplane/api'
import type { WebSocket } from 'ws'
import { commandProtocol, talkToCommand } from './command-channels.js'

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
): AgreedProtocol | undefined {
  if (conversation.kind === 'ports') return undefined
  const protocol = commandProtocol(offered)
  if (!protocol) return undefined
  return { name: protocol.name, talk: (socket) => talkToCommand(socket, protocol, conversation) }
}
