import { BrokenPipe, type Pod, type Status, StatusError } from '@miniplane/api'
import type { WebSocketConnection } from '@miniplane/client'
import { CommandError, SilentExit } from '../errors/errors.js'
import { resourcePath } from '../resolve/paths.js'
import type { Session } from '../session/session.js'

export const PODS = { group: '', version: 'v1', resource: 'pods', namespaced: true }

const PROTOCOLS = ['v5.channel.k8s.io', 'v4.channel.k8s.io']
const STDIN = 0
const STDOUT = 1
const STDERR = 2
const ERROR = 3
const CLOSE_SIGNAL = 255

export interface RemoteCommand {
  readonly subresource: 'exec' | 'attach'
  readonly container: string
  /** Empty for attach. */
  readonly command: readonly string[]
  readonly tty: boolean
  readonly stdin?: AsyncIterable<Uint8Array> | undefined
  readonly onOutput: (bytes: Uint8Array) => void
  readonly onError: (bytes: Uint8Array) => void
}

/** Talks to a process in a Pod until it has ended; its failure ends the command with its exit code. */
export async function talk(session: Session, pod: Pod, remote: RemoteCommand): Promise<void> {
  const { container, command, tty, stdin, subresource } = remote
  const socket = await open(session, pod, subresource, {
    container,
    command,
    stdin: stdin && 'true',
    stdout: 'true',
    stderr: tty ? undefined : 'true',
    tty: tty ? 'true' : undefined,
  })
  const { environment } = session
  const isRaw = tty && stdin !== undefined
  if (isRaw) environment.setRawMode?.(true)
  if (stdin) void sendAll(socket, stdin)
  try {
    const status = await receiveAll(socket, remote)
    if (status) endWith(session, status)
  } finally {
    if (isRaw) environment.setRawMode?.(false)
  }
}

/** Writes to the console as it comes, whatever pieces characters come in. */
export function console(session: Session): Pick<RemoteCommand, 'onOutput' | 'onError'> {
  const [out, err] = [new TextDecoder(), new TextDecoder()]
  return {
    onOutput: (bytes) => session.out.stdout(out.decode(bytes, { stream: true })),
    onError: (bytes) => session.out.stderr(err.decode(bytes, { stream: true })),
  }
}

/** A connection to one of a Pod's subresources. What the server says instead is thrown in its words. */
export async function open(
  session: Session,
  { metadata }: Pod,
  subresource: string,
  query: Readonly<Record<string, string | readonly string[] | undefined>>,
  protocols: readonly string[] = PROTOCOLS,
): Promise<WebSocketConnection> {
  const path = resourcePath(PODS, metadata.namespace, metadata.name, subresource)
  try {
    return await session.rest.openWebSocket(path, query, protocols)
  } catch (error) {
    const isUnknown = error instanceof StatusError && error.status.reason !== 'Forbidden'
    if (!isUnknown) throw error
    throw new CommandError(`unable to upgrade connection: ${textOf(error)}`, { cause: error })
  }
}

/** What was said in plain text stands among the causes of what a client makes of it. */
const textOf = ({ status }: StatusError): string =>
  status.details?.causes?.find(({ reason }) => reason === 'UnexpectedServerResponse')?.message ??
  status.message ??
  ''

async function sendAll(
  socket: WebSocketConnection,
  stdin: AsyncIterable<Uint8Array>,
): Promise<void> {
  try {
    for await (const bytes of stdin) await socket.send(Buffer.concat([Buffer.of(STDIN), bytes]))
    if (socket.protocol === PROTOCOLS[0]) await socket.send(Buffer.of(CLOSE_SIGNAL, STDIN))
  } catch (error) {
    // The process has ended without reading all of it.
    if (!(error instanceof BrokenPipe)) throw error
  }
}

async function receiveAll(
  socket: WebSocketConnection,
  { onOutput, onError }: RemoteCommand,
): Promise<Status | undefined> {
  for await (const message of socket.messages) {
    const bytes = message.subarray(1)
    if (bytes.length === 0) continue
    if (message[0] === STDOUT) onOutput(bytes)
    if (message[0] === STDERR) onError(bytes)
    if (message[0] === ERROR) {
      socket.close()
      return JSON.parse(Buffer.from(bytes).toString())
    }
  }
  return undefined
}

function endWith(session: Session, status: Status): void {
  if (status.status === 'Success') return
  const cause = status.details?.causes?.find(({ reason }) => reason === 'ExitCode')
  if (status.reason !== 'NonZeroExitCode' || !cause)
    throw new CommandError(status.message ?? 'the command failed')
  session.out.stderr(`command terminated with exit code ${cause.message}\n`)
  throw new SilentExit(Number(cause.message))
}
