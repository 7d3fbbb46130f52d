import {
  BrokenPipe,
  type Clock,
  type Conversation,
  encodeJsonText,
  type Status,
} from '@miniplane/api'
import type { WebSocket } from 'ws'
import { sayFarewell } from './farewell.js'
import { readResizes } from './resizes.js'
import { base64, binary, type ChannelProtocol, WebSocketChannels } from './web-socket-channels.js'

type Command = Extract<Conversation, { kind: 'command' }>

const STDIN = 0
const STDOUT = 1
const STDERR = 2
const ERROR = 3
const RESIZE = 4

const V5 = binary('v5.channel.k8s.io', true)
/** Of those that tell the end as a `Status`. */
const V4 = binary('v4.channel.k8s.io')
const V4_BASE64 = base64('v4.base64.channel.k8s.io')
const OLDER = [V4, V4_BASE64, binary(''), binary('channel.k8s.io'), base64('base64.channel.k8s.io')]

/** The first of what a client offers that is spoken here; v5 before all, whatever its place. */
export function commandProtocol(offered: readonly string[]): ChannelProtocol | undefined {
  if (offered.includes(V5.name)) return V5
  for (const name of offered.length > 0 ? offered : ['']) {
    const known = OLDER.find((protocol) => protocol.name === name)
    if (known) return known
  }
  return undefined
}

/** Lets a client talk to a process over the channels of one WebSocket, to the end of either. */
export async function talkToCommand(
  socket: WebSocket,
  protocol: ChannelProtocol,
  { options, session }: Command,
  clock: Clock,
): Promise<void> {
  const channels = new WebSocketChannels(socket, protocol)
  const { stdin, stdout, stderr, tty } = options
  const streams = {
    ...(stdin && { stdin: channels.source(STDIN) }),
    ...(stdout && { stdout: channels.sink(STDOUT) }),
    ...(stderr && !tty && { stderr: channels.sink(STDERR) }),
    ...(tty && { resizes: readResizes(channels.source(RESIZE)) }),
    signal: channels.signal,
  }
  try {
    // Tells the client that it has been heard.
    await channels.send(stdout ? STDOUT : stderr ? STDERR : ERROR, new Uint8Array())
    const status = await session.run(streams)
    const text = endText(status, protocol)
    if (text === '') return
    await sayFarewell(clock, channels.send(ERROR, Buffer.from(text)), () => channels.cut())
  } catch (error) {
    // A client that is gone needs no farewell.
    if (!(error instanceof BrokenPipe)) throw error
  } finally {
    channels.close()
  }
}

/** The oldest protocols have no `Status`: nothing is success, and anything else the reason. */
function endText(status: Status, protocol: ChannelProtocol): string {
  if (protocol === V5 || protocol === V4 || protocol === V4_BASE64) return encodeJsonText(status)
  return status.status === 'Success' ? '' : (status.message ?? '')
}
