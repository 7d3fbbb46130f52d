import {
  type ApiResponse,
  badRequest,
  type CommandSession,
  internalError,
  type NodeConnection,
  NodeRefusal,
  notFound,
  type Pod,
  type StreamOptions,
} from '@miniplane/api'
import { refusal } from '../../authz/authorizer.js'
import { queryBoolean } from '../../negotiation/query.js'
import { textResponse } from '../../negotiation/respond.js'
import type { RequestContext } from '../../pipeline/stage.js'
import type { Scope, Services } from '../scope.js'
import { dialNode } from './node.js'
import { containerOf } from './pod-container.js'

/** exec and attach: the streams of a process. */
export async function connectCommand(
  services: Services,
  scope: Scope,
  context: RequestContext,
): Promise<ApiResponse> {
  const { query } = context.request
  demandCreate(services, context)
  const pod = await podOf(scope)
  const container = containerOf(pod, query.get('container') ?? '')
  const node = await nodeFor(services, pod, context)
  const target = { ...targetOf(scope), container }
  const options = streamOptions(query)
  const start =
    scope.subresource?.name === 'attach'
      ? () => node.attach(target, options)
      : () => node.exec(target, query.getAll('command'), options)
  try {
    return upgraded({ kind: 'command', options, session: openSession(context, options, start) })
  } catch (error) {
    return refusalText(error)
  }
}

export async function connectPorts(
  services: Services,
  scope: Scope,
  context: RequestContext,
): Promise<ApiResponse> {
  demandCreate(services, context)
  const ports = context.request.query.getAll('ports').flatMap(portsOf)
  const pod = await podOf(scope)
  const node = await nodeFor(services, pod, context)
  try {
    demandPorts(ports, context)
    return upgraded({ kind: 'ports', session: node.portForward(targetOf(scope)), ports })
  } catch (error) {
    return refusalText(error)
  }
}

const upgraded = (
  conversation: Extract<ApiResponse['body'], { kind: 'upgrade' }>['conversation'],
): ApiResponse => ({ status: 101, headers: {}, body: { kind: 'upgrade', conversation } })

/**
 * A browser or kubectl asks by GET, which rules allow to who may only look: they may talk to a
 * process only if they may also create such a conversation. The reason is all that the real server says.
 */
function demandCreate({ authorizer }: Services, { user, info }: RequestContext): void {
  if (info.verb === 'create') return
  const { decision, reason = '' } = authorizer.authorize(user, { ...info, verb: 'create' })
  if (decision === 'allow') return
  const { status } = refusal(user, { ...info, verb: 'create' }, undefined)
  const message = `${info.resource} ${JSON.stringify(info.name)} is forbidden: ${reason}`
  throw Object.assign(refusal(user, info, reason), { status: { ...status, message }, message })
}

async function podOf({ definition, resource, namespace, name }: Scope): Promise<Pod> {
  const stored = await resource.storage.get(namespace, name)
  if (!stored) throw notFound(definition, name)
  return stored.object as unknown as Pod
}

async function nodeFor(
  services: Services,
  { metadata, spec }: Pod,
  { request }: RequestContext,
): Promise<NodeConnection> {
  const { nodeName } = spec
  if (!nodeName) throw badRequest(`pod ${metadata.name} does not have a host assigned`)
  const isUpgrade = /upgrade/i.test(request.headers.connection ?? '')
  if (!isUpgrade) throw badRequest('Upgrade request required')
  return dialNode(services, nodeName, () => 'error dialing backend')
}

const targetOf = ({ namespace = '', name }: Scope) => ({ namespace, pod: name })

const streamOptions = (query: URLSearchParams): StreamOptions => ({
  stdin: queryBoolean(query, 'stdin'),
  stdout: queryBoolean(query, 'stdout'),
  stderr: queryBoolean(query, 'stderr'),
  tty: queryBoolean(query, 'tty'),
})

function portsOf(text: string): number[] {
  return text.split(',').map((port) => {
    const isNumber = /^\d+$/.test(port)
    if (isNumber && Number(port) <= PORT_MAX) return Number(port)
    const problem = isNumber ? 'value out of range' : 'invalid syntax'
    throw badRequest(
      `cannot convert to []int32: strconv.ParseUint: parsing ${JSON.stringify(port)}: ${problem}`,
    )
  })
}

const PORT_MAX = 65_535
const TUNNEL_PREFIX = 'SPDY/3.1+'

/** Over WebSocket the ports stand in the request, and a kubelet reads them before it answers. */
function demandPorts(ports: readonly number[], { request: { headers } }: RequestContext): void {
  const isTunnel = headers['sec-websocket-protocol']?.includes(TUNNEL_PREFIX) ?? false
  if (isTunnel || headers.upgrade?.toLowerCase() !== 'websocket') return
  if (ports.length === 0) throw new NodeRefusal(400, 'query parameter "port" is required')
  if (ports.includes(0)) throw new NodeRefusal(400, 'port "0" must be > 0')
}

/** In this protocol the server answers first and asks the node then, and says in it what that said. */
const SAYS_LATER = 'v5.channel.k8s.io'

function openSession(
  { request }: RequestContext,
  { stdin, stdout, stderr, tty }: StreamOptions,
  start: () => CommandSession,
): CommandSession {
  try {
    if (!stdin && !stdout && (tty || !stderr))
      throw new NodeRefusal(400, 'you must specify at least 1 of stdin, stdout, stderr')
    return start()
  } catch (error) {
    const offered = request.headers['sec-websocket-protocol'] ?? ''
    if (!(error instanceof NodeRefusal) || !offered.includes(SAYS_LATER)) throw error
    const { status } = internalError(new Error(`unable to upgrade connection: ${error.message}`))
    return { run: async () => status }
  }
}

/** What a node says instead, as it says it. */
function refusalText(error: unknown): ApiResponse {
  if (error instanceof NodeRefusal) return textResponse(error.code, error.message)
  throw error
}
