import { BrokenPipe, type ByteConnection, type PortSession } from '@miniplane/api'
import type { WebSocket } from 'ws'
import { forward } from './forward.js'
import { base64, binary, type ChannelProtocol, WebSocketChannels } from './web-socket-channels.js'

const PROTOCOLS = [binary(''), binary('v4.channel.k8s.io'), base64('v4.base64.channel.k8s.io')]

/** The first of what a client offers that is spoken here. */
export const portsProtocol = (offered: readonly string[]): ChannelProtocol | undefined =>
  (offered.length > 0 ? offered : [''])
    .map((name) => PROTOCOLS.find((one) => one.name === name))
    .find((one) => one !== undefined)

/** Each port of the query has two channels: data and errors. Both begin with the port's number. */
export async function talkToPorts(
  socket: WebSocket,
  protocol: ChannelProtocol,
  session: PortSession,
  ports: readonly number[],
): Promise<void> {
  const channels = new WebSocketChannels(socket, protocol)
  const signal = AbortSignal.any([session.signal, channels.signal])
  try {
    await Promise.all(
      ports.map((port, index) => talkToPort(channels, index * 2, port, session, signal)),
    )
  } catch (error) {
    if (!(error instanceof BrokenPipe)) throw error
  } finally {
    channels.close()
  }
}

async function talkToPort(
  channels: WebSocketChannels,
  data: number,
  port: number,
  session: PortSession,
  signal: AbortSignal,
): Promise<void> {
  const errors = data + 1
  const received = channels.source(data)
  const number = Buffer.alloc(2)
  number.writeUInt16LE(port)
  await channels.send(data, Buffer.from(number))
  await channels.send(errors, Buffer.from(number))
  let connected: ByteConnection
  try {
    connected = await session.connect(port)
  } catch (problem) {
    await channels.send(errors, Buffer.from((problem as Error).message))
    return
  }
  await forward(connected, { received, sent: channels.sink(data) }, signal)
}
