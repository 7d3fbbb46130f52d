import type { RequestHead } from '@miniplane/http2'
import type { Method } from '../service.js'
import type { Status } from '../status.js'
import type { Route } from './call-context.js'

export type Encoding = 'identity' | 'gzip'

/** What a request's head asks for. The same head gives the same plan. */
export type CallPlan<M extends Method = Method> =
  | {
      readonly route: Route<M>
      readonly encoding: Encoding
      /** Until the client wants to have waited. */
      readonly timeoutMs: number | undefined
    }
  | Refusal

export interface Refusal {
  readonly refusal: Status
  readonly httpStatus: number
  readonly acceptsEncodings?: boolean
}

export interface Routes {
  readonly byPath: ReadonlyMap<string, Route>
  readonly serviceNames: ReadonlySet<string>
}

/** In the words of gRPC's Go implementation, which is what etcd's clients know. */
export function planOf(head: RequestHead, routes: Routes): CallPlan {
  const contentType = head.get('content-type') ?? ''
  if (!/^application\/grpc($|[+;])/.test(contentType)) {
    return refuse(415, 'InvalidArgument', `invalid gRPC request content-type "${contentType}"`)
  }
  if (head.method !== 'POST') {
    const text = `Received a HEADERS frame with :method "${head.method}" which should be POST`
    return refuse(405, 'Internal', text)
  }
  const timeout = head.get('grpc-timeout')
  const timeoutMs = timeout === undefined ? undefined : timeoutMsOf(timeout)
  if (Number.isNaN(timeoutMs)) {
    return refuse(400, 'Internal', `malformed grpc-timeout: "${timeout}"`)
  }
  const route = routes.byPath.get(head.path)
  if (route === undefined) return refuse(200, 'Unimplemented', unknown(head.path, routes))
  const encoding = head.get('grpc-encoding') ?? 'identity'
  if (encoding !== 'identity' && encoding !== 'gzip') {
    const text = `grpc: Decompressor is not installed for grpc-encoding "${encoding}"`
    return { ...refuse(200, 'Unimplemented', text), acceptsEncodings: true }
  }
  return { route, encoding, timeoutMs }
}

const refuse = (httpStatus: number, code: Status['code'], text: string): Refusal => ({
  refusal: { code, text },
  httpStatus,
})

function unknown(path: string, { serviceNames }: Routes): string {
  const [, service = '', method = ''] = /^\/(.*)\/([^/]*)$/.exec(path) ?? []
  return serviceNames.has(service)
    ? `unknown method ${method} for service ${service}`
    : `unknown service ${service}`
}

/** By unit. Source: gRPC over HTTP/2, `Timeout`. */
const UNIT_MS: Readonly<Record<string, number>> = {
  H: 3_600_000,
  M: 60_000,
  S: 1000,
  m: 1,
  u: 1e-3,
  n: 1e-6,
}

/** NaN: it is no time. */
function timeoutMsOf(text: string): number {
  const [, digits, unit = ''] = /^(\d{1,8})([HMSmun])$/.exec(text) ?? []
  return Math.ceil(Number(digits) * (UNIT_MS[unit] ?? Number.NaN))
}
