import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Service } from '../service.js'
import { GatewayCall, type GatewayOptions } from './gateway-call.js'
import { isGatewayPath, routesOf } from './routes.js'

/** Answers false when the request isn't the gateway's. */
export type Gateway = (request: IncomingMessage, response: ServerResponse) => boolean

/**
 * The services as JSON over HTTP: `POST /v3/kv/range` and the rest, streams as a line a response.
 * Behaves as the gateway of etcd 3.4: grpc-gateway's later version has the error's text only in
 * `message` and answers 400 to what here is 412.
 */
export function createGateway(services: readonly Service[], options: GatewayOptions): Gateway {
  const routes = routesOf(services)
  return (request, response) => {
    const path = pathOf(request)
    if (!isGatewayPath(path)) return false
    const route = routes.get(path)
    if (route === undefined) answer(response, 404, 'Not Found')
    else if (request.method !== 'POST') answer(response, 405, 'Method Not Allowed')
    else void new GatewayCall(route, request, response, options).run()
    return true
  }
}

function pathOf({ url = '' }: IncomingMessage): string {
  const query = url.indexOf('?')
  return query < 0 ? url : url.slice(0, query)
}

function answer(response: ServerResponse, status: number, text: string): void {
  const headers = {
    'Content-Type': 'text/plain; charset=utf-8',
    'X-Content-Type-Options': 'nosniff',
  }
  response.writeHead(status, headers).end(`${text}\n`)
}
