import http from 'node:http'
import https from 'node:https'
import {
  CAUSE_HEADER,
  type Clock,
  type KubeObject,
  parseEncodedJson,
  type Random,
  StatusError,
  stringifyJson,
  systemClock,
  systemRandom,
  type WatchEvent,
} from '@miniplane/api'
import type { ConnectionConfig } from '../kubeconfig/connection.js'
import { limits } from '../limits.js'
import { refusal } from './in-process-transport.js'
import {
  pathWithQuery,
  type Transport,
  type TransportRequest,
  type TransportResponse,
  type WatchSink,
} from './transport.js'
import { ClientWebSocket, handshake } from './web-socket.js'

/** Speaks HTTP/1.1 to an API server, with connections kept alive and shared. */
export function httpsTransport(
  config: ConnectionConfig,
  clock: Clock = systemClock,
  random: Random = systemRandom(),
): Transport {
  const base = new URL(config.server)
  const secure = base.protocol === 'https:'
  const agent = newAgent(config, secure)
  const identity = identityHeaders(config)

  const begin = (request: TransportRequest, reject: (error: Error) => void) => {
    const body = encodeBody(request.body)
    const outgoing = (secure ? https : http).request({
      agent,
      host: base.hostname.replace(/^\[|\]$/g, ''),
      port: base.port || (secure ? 443 : 80),
      method: request.method,
      path: pathWithQuery(base.pathname.replace(/\/$/, '') + request.path, request.query),
      headers: {
        accept: 'application/json',
        ...identity,
        ...(body === undefined
          ? {}
          : { 'content-type': 'application/json', 'content-length': body.length }),
        ...(request.cause === undefined ? {} : { [CAUSE_HEADER]: JSON.stringify(request.cause) }),
        ...linesOf(request.headers),
      },
      ...(request.signal === undefined ? {} : { signal: request.signal }),
    })
    const timer = clock.setTimer(config.timeoutMs ?? limits.requestTimeoutMs, () =>
      outgoing.destroy(new Error(`no answer from ${config.server} in time`)),
    )
    outgoing.once('response', () => timer.cancel())
    outgoing.once('upgrade', () => timer.cancel())
    outgoing.once('error', (error) => {
      timer.cancel()
      reject(error)
    })
    outgoing.end(body)
    return outgoing
  }
  const send = (request: TransportRequest): Promise<http.IncomingMessage> =>
    new Promise((resolve, reject) => void begin(request, reject).once('response', resolve))

  return {
    async request(request) {
      return toTransportResponse(await send(request))
    },
    async watch(request, sink) {
      const incoming = await send(request)
      if (incoming.statusCode !== 200) throw refusal(request, await toTransportResponse(incoming))
      return followLines(incoming, sink)
    },
    async stream(request) {
      const incoming = await send(request)
      if ((incoming.statusCode ?? 0) < 300) return incoming
      throw refusal(request, await toTransportResponse(incoming))
    },
    openWebSocket(request, protocols) {
      const { headers, accept } = handshake(protocols, random)
      const whole = { ...request, headers: { ...request.headers, ...headers } }
      return new Promise((resolve, reject) => {
        const outgoing = begin(whole, reject)
        outgoing.once('response', (incoming) =>
          toTransportResponse(incoming).then((said) => reject(refusal(request, said)), reject),
        )
        outgoing.once('upgrade', (incoming, socket, received) => {
          const protocol = incoming.headers['sec-websocket-protocol'] ?? ''
          if (incoming.headers['sec-websocket-accept'] === accept)
            return resolve(new ClientWebSocket(socket, received, protocol, random))
          socket.destroy()
          reject(new Error('what was answered to the upgrade is no WebSocket'))
        })
      })
    },
    close() {
      agent.destroy()
    },
  }
}

/** A value of several lines is a header for each: groups to impersonate may have commas in them. */
const linesOf = (headers: TransportRequest['headers'] = {}): http.OutgoingHttpHeaders =>
  Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [
      name,
      value.includes('\n') ? value.split('\n') : value,
    ]),
  )

function newAgent(config: ConnectionConfig, secure: boolean): http.Agent {
  if (!secure) return new http.Agent({ keepAlive: true })
  return new https.Agent({
    keepAlive: true,
    ca: config.certificateAuthority,
    cert: config.clientCertificate,
    key: config.clientKey,
    rejectUnauthorized: !config.insecureSkipTlsVerify,
    ...(config.tlsServerName === undefined ? {} : { servername: config.tlsServerName }),
  })
}

function identityHeaders(config: ConnectionConfig): Record<string, string> {
  const headers: Record<string, string> = { 'user-agent': config.userAgent ?? 'miniplane-client' }
  if (config.token !== undefined) headers.authorization = `Bearer ${config.token}`
  else if (config.username !== undefined) {
    const pair = Buffer.from(`${config.username}:${config.password ?? ''}`).toString('base64')
    headers.authorization = `Basic ${pair}`
  }
  if (config.impersonateUser !== undefined) headers['impersonate-user'] = config.impersonateUser
  return headers
}

function encodeBody(body: unknown): Buffer | undefined {
  if (body === undefined) return undefined
  if (body instanceof Uint8Array) return Buffer.from(body.buffer, body.byteOffset, body.byteLength)
  return Buffer.from(typeof body === 'string' ? body : stringifyJson(body))
}

async function toTransportResponse(incoming: http.IncomingMessage): Promise<TransportResponse> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > limits.responseBytesMax)
      throw new Error('the answer is larger than this client takes')
    chunks.push(chunk)
  }
  const text = Buffer.concat(chunks).toString('utf8')
  const isJson = /^application\/(.*\+)?json/.test(incoming.headers['content-type'] ?? '')
  return {
    status: incoming.statusCode ?? 0,
    headers: incoming.headers,
    object: isJson && text !== '' ? parseEncodedJson(text) : undefined,
    text: () => text,
  }
}

/** Takes a watch stream apart: one JSON document a line. */
function followLines(incoming: http.IncomingMessage, sink: WatchSink): () => void {
  let rest = ''
  let ended = false
  const end = (error?: unknown) => {
    if (ended) return
    ended = true
    sink.onEnd(error)
  }
  const take = (chunk: string) => {
    const lines = (rest + chunk).split('\n')
    rest = lines.pop() ?? ''
    if (rest.length > limits.responseBytesMax) throw new Error('an event is too large')
    const events: WatchEvent<KubeObject>[] = []
    try {
      for (const line of lines) if (line !== '') events.push(parseEvent(line))
    } finally {
      if (events.length > 0) sink.onEvents(events)
    }
  }
  incoming.setEncoding('utf8')
  incoming.on('data', (chunk: string) => {
    if (ended) return
    try {
      take(chunk)
    } catch (error) {
      // Thrown on, it would end the process: nobody stands above an event of a socket.
      incoming.destroy(error instanceof Error ? error : new Error(String(error)))
    }
  })
  incoming.on('end', () => end())
  incoming.on('error', end)
  incoming.on('close', () => end())
  return () => {
    end()
    incoming.destroy()
  }
}

function parseEvent(line: string): WatchEvent<KubeObject> {
  try {
    return parseEncodedJson(line) as WatchEvent<KubeObject>
  } catch (cause) {
    const excerpt = JSON.stringify(line.slice(0, EXCERPT_LENGTH))
    throw new Error(`the watch sent what is no event: ${excerpt}`, { cause })
  }
}

const EXCERPT_LENGTH = 100

/** Whether nobody answered at the address: refused, unknown host, unreachable. */
export function isConnectionError(error: unknown): error is NodeJS.ErrnoException {
  if (error instanceof StatusError || !(error instanceof Error)) return false
  const { code } = error as NodeJS.ErrnoException
  return code !== undefined && /^(ECONN|ENOTFOUND|EHOST|ENET|ETIMEDOUT|EPIPE|EAI_)/.test(code)
}
