import {
  type ApiResponse,
  badRequest,
  type Endpoints,
  goQuote,
  type KubeObject,
  notFound,
  type Pod,
  type PodTarget,
  type Service,
  serviceUnavailable,
} from '@miniplane/api'
import { bytesResponse } from '../../negotiation/respond.js'
import type { RequestContext } from '../../pipeline/stage.js'
import type { Scope, Services } from '../scope.js'
import { nodeAddress } from './node.js'

/** Where a request is passed on to. */
interface Backend {
  /** As an error names it: `10.244.0.5:8080`. */
  readonly host: string
  readonly port: number
  readonly nodeName: string
  /** Absent: the node's kubelet itself. */
  readonly pod?: PodTarget
}

/** Passes a request on to a port of a Pod, of one of a Service's Pods, or to a kubelet. */
export async function handleProxy(
  services: Services,
  scope: Scope,
  { request, user }: RequestContext,
): Promise<ApiResponse> {
  const backend = await backendOf(services, scope)
  const { method, query, headers, body } = request
  const path = rest(request.path)
  const search = query.size > 0 ? `?${query}` : ''
  if (path === '' && (method === 'GET' || method === 'HEAD'))
    return { status: 301, headers: { location: `${request.path}/${search}` }, body: NOTHING }
  const { port, pod, nodeName, host } = backend
  const node = services.dialNode?.(nodeName)
  const answer = await node?.request({
    method,
    path: `${path || '/'}${search}`,
    headers: { ...headers, 'x-forwarded-user': user.name },
    port,
    ...(pod && { pod }),
    ...(body instanceof Uint8Array && { body }),
  })
  if (!answer)
    throw serviceUnavailable(
      `error trying to reach service: dial tcp ${host}: connect: connection refused`,
    )
  const type = answer.headers['content-type'] ?? 'text/plain; charset=utf-8'
  return bytesResponse(answer.status, type, answer.body)
}

const NOTHING: ApiResponse['body'] = { kind: 'none' }

/** What stands behind `/proxy`, escaped as it came. */
function rest(path: string): string {
  const segments = path.split('/')
  const at = segments.indexOf('proxy', segments.findIndex((one) => KINDS.has(one)) + 2)
  const behind = segments.slice(at + 1)
  return behind.length === 0 ? '' : `/${behind.join('/')}`
}

const KINDS = new Set(['pods', 'services', 'nodes'])

function backendOf(services: Services, scope: Scope): Promise<Backend> {
  switch (scope.definition.resource) {
    case 'pods':
      return podBackend(scope)
    case 'services':
      return serviceBackend(services, scope)
    default:
      return nodeBackend(services, scope)
  }
}

/** `name`, `name:port` or `scheme:name:port`. */
function target(scope: Scope, kind: string): { readonly name: string; readonly port: string } {
  const parts = scope.name.split(':')
  const [first = '', second = '', third = ''] = parts
  if (parts.length === 1) return { name: first, port: '' }
  if (parts.length === 2 && first !== '') return { name: first, port: second }
  if (parts.length === 3 && second !== '' && /^(https?)?$/.test(first))
    return { name: second, port: third }
  throw badRequest(`invalid ${kind} request ${goQuote(scope.name)}`)
}

async function stored<T>(scope: Scope, name: string): Promise<T> {
  const found = await scope.resource.storage.get(scope.namespace, name)
  if (!found) throw notFound(scope.definition, name)
  return found.object as T
}

async function podBackend(scope: Scope): Promise<Backend> {
  const { name, port } = target(scope, 'pod')
  const pod = await stored<Pod>(scope, name)
  const { spec, status } = pod
  const declared = spec.containers.flatMap(({ ports = [] }) => ports)[0]?.containerPort
  const ip = status.podIPs?.[0]?.ip ?? status.podIP ?? ''
  if (ip === '') throw badRequest('address not allowed')
  const number = port === '' ? (declared ?? 80) : Number(port)
  const { namespace = '' } = scope
  const host = `${ip}:${port || number}`
  return { host, port: number, nodeName: spec.nodeName ?? '', pod: { namespace, pod: name } }
}

async function serviceBackend(services: Services, scope: Scope): Promise<Backend> {
  const { name, port } = target(scope, 'service')
  const { spec } = await stored<Service>(scope, name)
  let portName = port
  if (/^\d+$/.test(port)) {
    const found = (spec.ports ?? []).find((one) => one.port === Number(port))
    if (!found)
      throw serviceUnavailable(`no service port ${port} found for service ${goQuote(name)}`)
    portName = found.name ?? ''
  }
  const endpoints = await endpointsOf(services, scope.namespace ?? '', name)
  const { namespace = '' } = scope
  for (const { addresses = [], ports = [] } of endpoints?.subsets ?? []) {
    const number = ports.find((one) => (one.name ?? '') === portName)?.port
    const [address] = addresses
    if (number === undefined || !address) continue
    return {
      host: `${address.ip}:${number}`,
      port: number,
      nodeName: address.nodeName ?? '',
      pod: { namespace, pod: address.targetRef?.name ?? '' },
    }
  }
  const asked = endpoints?.subsets?.length ? scope.name : name
  throw serviceUnavailable(`no endpoints available for service ${goQuote(asked)}`)
}

async function endpointsOf(
  services: Services,
  namespace: string,
  name: string,
): Promise<Endpoints | undefined> {
  const definition = services.catalog.byResource('', 'v1', 'endpoints')
  const resource = definition && (await services.resources.ready(definition))
  const found = await resource?.storage.get(namespace, name)
  return found?.object as (Endpoints & KubeObject) | undefined
}

async function nodeBackend(services: Services, scope: Scope): Promise<Backend> {
  const { name, port } = target(scope, 'node')
  const address = await nodeAddress(services, name)
  const number = port === '' ? address.port : Number(port)
  const host = `${address.host}:${number}`
  return { host, port: number, nodeName: name }
}
