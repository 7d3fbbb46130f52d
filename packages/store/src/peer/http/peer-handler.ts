import type { IncomingMessage, ServerResponse } from 'node:http'
import { StoreError } from '../../errors.js'
import { formatId, parseId } from '../../membership/ids.js'
import { memberToJson } from '../../membership/member-json.js'
import type { Member } from '../../wire/cluster.js'
import { MalformedMessage } from '../../wire/message.js'
import { Message as WireMessage } from '../../wire/raft.js'
import { type CallRoute, callRoutes, refusalToHttp } from './calls.js'
import { type StreamKind, streamKinds } from './frames.js'
import type { HttpPeers } from './http-peers.js'
import {
  CLUSTER_ID_HEADER,
  header,
  incompatibility,
  peerUrlsOf,
  RAFT_TO_HEADER,
  senderOf,
  VERSION_HEADER,
} from './identity.js'
import { readBody } from './peer-client.js'
import { PROBE_PATH } from './prober.js'
import { SnapshotReceiver } from './snapshot-receiver.js'

export interface PeerHandlerOptions {
  readonly peers: HttpPeers
  readonly members: () => readonly Member[]
  /** Undefined: not agreed on yet. */
  readonly clusterVersion: () => string | undefined
  readonly isDowngrading: () => boolean
}

/** Answers what members ask each other, and gives what they send to `peers`. */
export function createPeerHandler(
  options: PeerHandlerOptions,
): (request: IncomingMessage, response: ServerResponse) => void {
  const handler = new PeerRequests(options)
  return (request, response) => handler.handle(request, response)
}

type Route = (request: IncomingMessage, response: ServerResponse, path: string) => Promise<void>

class PeerRequests {
  readonly #options: PeerHandlerOptions
  readonly #peers: HttpPeers
  readonly #snapshots: SnapshotReceiver
  readonly #gets: ReadonlyMap<string, Route>

  constructor(options: PeerHandlerOptions) {
    this.#options = options
    this.#peers = options.peers
    this.#snapshots = new SnapshotReceiver(options.peers)
    this.#gets = new Map<string, Route>([
      ['/members', async (_, response) => this.#members(response)],
      ['/version', async (_, response) => this.#version(response)],
      [PROBE_PATH, async (_, response) => this.#probe(response)],
      ['/downgrade/enabled', async (_, response) => this.#downgrade(response)],
    ])
  }

  handle(request: IncomingMessage, response: ServerResponse): void {
    response.on('error', () => response.destroy())
    const path = (request.url ?? '').split('?', 1)[0] ?? ''
    this.#route(request, response, path).catch((error: unknown) => {
      this.#peers.log.warn('could not answer a peer', { path, error: String(error) })
      if (response.headersSent) response.destroy()
      else refuse(response, 500, 'error processing raft message')
    })
  }

  #route(request: IncomingMessage, response: ServerResponse, path: string): Promise<void> {
    const get = this.#gets.get(path)
    if (get !== undefined) {
      return only('GET', request, response) ? get(request, response, path) : DONE
    }
    const call = callRoutes.find(({ urlPath, isPrefix }) =>
      isPrefix ? path.startsWith(urlPath) : path === urlPath,
    )
    if (call !== undefined) return this.#call(call, request, response, path)
    if (path === '/raft') return this.#raft(request, response)
    if (path === '/raft/snapshot') return this.#snapshot(request, response)
    if (path.startsWith('/raft/stream/')) {
      this.#stream(request, response, path)
      return DONE
    }
    refuse(response, 404, '404 page not found')
    return DONE
  }

  #members(response: ServerResponse): void {
    response.setHeader(CLUSTER_ID_HEADER, formatId(this.#peers.identity.clusterId))
    answerJson(response, this.#membersJson())
  }

  #membersJson(): string {
    return `[${this.#options.members().map(memberToJson).join(',')}]\n`
  }

  #version(response: ServerResponse): void {
    const etcdcluster = this.#options.clusterVersion() ?? 'not_decided'
    answerJson(response, JSON.stringify({ etcdserver: this.#peers.identity.version, etcdcluster }))
  }

  #probe(response: ServerResponse): void {
    const now = new Date(this.#peers.clock.now()).toISOString()
    answerJson(response, `${JSON.stringify({ OK: true, Now: now })}\n`)
  }

  #downgrade(response: ServerResponse): void {
    response.end(String(this.#options.isDowngrading()))
  }

  async #call(
    route: CallRoute,
    request: IncomingMessage,
    response: ServerResponse,
    path: string,
  ): Promise<void> {
    if (!only('POST', request, response)) return
    response.setHeader(CLUSTER_ID_HEADER, formatId(this.#peers.identity.clusterId))
    const suffix = path.slice(route.urlPath.length)
    try {
      const http = await this.#body(request, this.#peers.limits.questionBytesMax)
      const body = route.fromHttp(suffix, http)
      if (body === undefined) return refuse(response, 404, `member ${suffix} not found in cluster`)
      const answer = await this.#peers.handler.call(route.path, body)
      if (route.isPrefix) return answerJson(response, this.#membersJson())
      response.setHeader('Content-Type', 'application/protobuf')
      response.end(route.encodeAnswer(answer))
    } catch (error) {
      if (error instanceof MalformedMessage) {
        return refuse(response, 400, 'error unmarshalling request')
      }
      if (!(error instanceof StoreError)) throw error
      const { status, text } = refusalToHttp(error)
      refuse(response, status, text)
    }
  }

  async #raft(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (!only('POST', request, response) || !this.#assertCompatible(request, response)) return
    const body = await this.#body(request, this.#peers.limits.messageBytesMax)
    let message: ReturnType<typeof WireMessage.decode>
    try {
      message = WireMessage.decode(body)
    } catch (error) {
      if (!(error instanceof MalformedMessage)) throw error
      return refuse(response, 400, 'error unmarshalling raft message')
    }
    if (this.#refuseRemoved(message.from, response)) return
    this.#peers.receive(message.from, message, body.length)
    response.statusCode = 204
    response.end()
  }

  async #snapshot(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (!only('POST', request, response) || !this.#assertCompatible(request, response)) return
    const from = senderOf(request.headers)
    if (from !== undefined && this.#refuseRemoved(from, response)) return
    const refusal = await this.#snapshots.receive(request)
    if (refusal !== undefined) return refuse(response, refusal.status, refusal.text)
    response.statusCode = 204
    response.end()
  }

  #stream(request: IncomingMessage, response: ServerResponse, path: string): void {
    if (!only('GET', request, response) || !this.#assertCompatible(request, response)) return
    const [kind = '', idText = '', ...more] = path.slice('/raft/stream/'.length).split('/')
    const from = parseId(idText)
    if (!isStreamKind(kind) || more.length > 0) refuse(response, 404, 'invalid path')
    else if (from === undefined) refuse(response, 404, 'invalid from')
    else this.#attach(from, kind, request, response)
  }

  #attach(
    from: bigint,
    kind: StreamKind,
    request: IncomingMessage,
    response: ServerResponse,
  ): void {
    const { handler, identity } = this.#peers
    const isForUs = header(request.headers, RAFT_TO_HEADER) === formatId(identity.id)
    if (handler.isRemoved(from)) refuse(response, 410, 'removed member')
    else if (!isForUs) refuse(response, 412, 'to field mismatch')
    else if (!this.#peers.attach(from, kind, response)) {
      refuse(response, 404, 'error sender not found')
    }
  }

  /** Remembers how to answer a sender that we don't know. */
  #assertCompatible(request: IncomingMessage, response: ServerResponse): boolean {
    const { identity, handler } = this.#peers
    response.setHeader(CLUSTER_ID_HEADER, formatId(identity.clusterId))
    response.setHeader(VERSION_HEADER, identity.version)
    const problem = incompatibility(request.headers, identity)
    if (problem !== undefined) {
      refuse(response, 412, problem)
      return false
    }
    const from = senderOf(request.headers)
    if (from !== undefined && from !== identity.id && !handler.isRemoved(from)) {
      this.#peers.addRemote(from, peerUrlsOf(request.headers))
    }
    return true
  }

  #refuseRemoved(from: bigint, response: ServerResponse): boolean {
    const isRemoved = this.#peers.handler.isRemoved(from)
    if (isRemoved) refuse(response, 403, 'cannot process message from removed member')
    return isRemoved
  }

  #body(request: IncomingMessage, bytesMax: number): Promise<Buffer> {
    const { limits, clock } = this.#peers
    return readBody(request, bytesMax, clock, limits.readTimeoutMs)
  }
}

const DONE = Promise.resolve()

const isStreamKind = (text: string): text is StreamKind =>
  (streamKinds as readonly string[]).includes(text)

function only(method: 'GET' | 'POST', request: IncomingMessage, response: ServerResponse): boolean {
  if (request.method === method) return true
  response.setHeader('Allow', method)
  refuse(response, 405, 'Method Not Allowed')
  return false
}

function answerJson(response: ServerResponse, json: string): void {
  response.setHeader('Content-Type', 'application/json')
  response.end(json)
}

/** What of the request hasn't been read isn't: the connection ends. */
function refuse(response: ServerResponse, status: number, text: string): void {
  response.statusCode = status
  response.setHeader('Content-Type', 'text/plain; charset=utf-8')
  response.setHeader('X-Content-Type-Options', 'nosniff')
  if (!response.req.complete) response.setHeader('Connection', 'close')
  response.end(`${text}\n`)
}
