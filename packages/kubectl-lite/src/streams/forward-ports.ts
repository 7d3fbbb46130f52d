import { once } from 'node:events'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { BrokenPipe, type Pod } from '@miniplane/api'
import { CommandError } from '../errors/errors.js'
import type { Session } from '../session/session.js'
import { open } from './remote-command.js'

export interface PortPair {
  /** 0: any that is free. */
  readonly local: number
  readonly remote: number
}

/** Of the channels of a port: what it sends and gets, and what is wrong with it. */
const DATA = 0
const ERROR = 1
/** Both begin with the port's number. */
const PORT_BYTES = 2
const CONNECTIONS_MAX = 1000

/** `8080`, `8080:80` or `:80`. */
export function portPair(text: string): PortPair {
  const [first = '', second = first, ...more] = text.split(':')
  const [local, remote] = [first === '' ? 0 : portOf(first), portOf(second)]
  if (more.length > 0 || remote === undefined || local === undefined)
    throw new CommandError(`invalid port format '${text}'`)
  return { local, remote }
}

function portOf(text: string): number | undefined {
  const port = Number(text)
  return /^\d+$/.test(text) && port > 0 && port < 65_536 ? port : undefined
}

/** Listens and passes on what comes, until the user interrupts. */
export async function forwardPorts(
  session: Session,
  pod: Pod,
  pairs: readonly PortPair[],
  addresses: readonly string[],
): Promise<void> {
  const servers: Server[] = []
  try {
    for (const pair of pairs)
      for (const address of addresses.flatMap(hostsOf))
        servers.push(await listen(session, pod, pair, address))
    await interrupted(session.signal)
  } finally {
    for (const server of servers) server.close()
  }
}

const hostsOf = (address: string): string[] => (address === 'localhost' ? ['127.0.0.1'] : [address])

async function listen(
  session: Session,
  pod: Pod,
  { local, remote }: PortPair,
  address: string,
): Promise<Server> {
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    session.line(`Handling connection for ${(server.address() as AddressInfo).port}`)
    forward(session, pod, remote, socket).catch((error: unknown) => {
      session.out.stderr(`error: ${error instanceof Error ? error.message : String(error)}\n`)
      socket.destroy()
    })
  })
  server.maxConnections = CONNECTIONS_MAX
  server.listen(local, address)
  await once(server, 'listening')
  session.line(`Forwarding from ${address}:${(server.address() as AddressInfo).port} -> ${remote}`)
  return server
}

async function forward(session: Session, pod: Pod, port: number, socket: Socket): Promise<void> {
  socket.on('error', () => socket.destroy())
  const query = { ports: String(port) }
  const connection = await open(session, pod, 'portforward', query, ['v4.channel.k8s.io'])
  socket.once('close', () => connection.close())
  const sending = (async () => {
    try {
      for await (const bytes of socket)
        await connection.send(Buffer.concat([Buffer.of(DATA), bytes]))
    } catch (error) {
      if (!(error instanceof BrokenPipe) && !socket.destroyed) throw error
    }
  })()
  let heads = 0
  for await (const message of connection.messages) {
    const isHead = heads < 2 && message.length === 1 + PORT_BYTES
    if (isHead) heads++
    else if (message[0] === ERROR)
      session.out.stderr(
        `error: an error occurred forwarding ${port}: ${Buffer.from(message.subarray(1))}\n`,
      )
    else await new Promise<unknown>((resolve) => socket.write(message.subarray(1), resolve))
  }
  socket.end()
  await sending
}

const interrupted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
