import { type ApiResponse, encodeJson } from '@miniplane/api'
import { plainText } from '../negotiation/respond.js'
import type { RequestContext } from '../pipeline/stage.js'
import { askRemote, type ProxyClient, passedOn } from './remote-request.js'
import type { RemoteService, RemoteServices } from './remote-services.js'

/** Answers with what the server behind an API service answers. */
export async function passOn(
  { remoteServices, proxyClient }: PassesOn,
  service: RemoteService,
  { request, user, auditId }: RequestContext,
): Promise<ApiResponse> {
  const address = isAvailable(service) ? remoteServices.addressOf(service) : undefined
  if (!address) return plainText(503, 'service unavailable\n')
  const { method, path, query, headers, body, signal } = request
  const wanted = {
    method,
    path: query.size > 0 ? `${path}?${query}` : path,
    headers: {
      ...headers,
      'audit-id': auditId,
      'x-forwarded-host': address.shown,
      'x-forwarded-proto': 'https',
      'x-forwarded-uri': path,
    },
    body: body === undefined || body instanceof Uint8Array ? body : encodeJson(body.object),
    user,
    signal,
  }
  try {
    const answer = await askRemote(service, address, wanted, proxyClient)
    const answered = passedOn(answer.headers)
    const status = answer.statusCode ?? 502
    if (method === 'HEAD' || BODILESS.has(status)) {
      answer.resume()
      return { status, headers: answered, body: { kind: 'none' } }
    }
    const open = () => answer as AsyncIterable<Uint8Array>
    return { status, headers: answered, body: { kind: 'stream', open } }
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    return plainText(503, `error trying to reach service: ${reason}\n`)
  }
}

/** RFC 9110 §6.4.1. */
const BODILESS = new Set([204, 304])

export interface PassesOn {
  readonly remoteServices: RemoteServices
  /** Absent: nobody behind an API service can know that it is this server that asks. */
  readonly proxyClient?: ProxyClient | undefined
}

const isAvailable = ({ status }: RemoteService): boolean =>
  status?.conditions?.some(({ type, status }) => type === 'Available' && status === 'True') ?? false
