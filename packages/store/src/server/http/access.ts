import { TLSSocket } from 'node:tls'
import { answerText, type HttpHandler } from './handler.js'

export interface AccessOptions {
  /** As `--cors`. */
  readonly origins: readonly string[]
  /** As `--host-whitelist`. */
  readonly hosts: readonly string[]
}

const allows = (list: readonly string[], one: string): boolean =>
  list.length === 0 || list.includes('*') || list.includes(one)

/**
 * Which web pages may call: those of allowed origins, and without TLS only under an allowed host
 * name, or a page could call us under a name of its own (DNS rebinding, CVE-2018-5702).
 */
export function restrictAccess({ origins, hosts }: AccessOptions): HttpHandler {
  return (request, response) => {
    const host = (request.headers.host ?? '').replace(/:\d+$/, '')
    if (!(request.socket instanceof TLSSocket) && !allows(hosts, host)) {
      answerText(
        response,
        421,
        `the host name ${JSON.stringify(host)} is not allowed: add it with --host-whitelist, or use TLS`,
      )
      return true
    }
    const origin = allows(origins, '*') ? '*' : request.headers.origin
    if (origin !== undefined && allows(origins, origin)) {
      response.setHeader('Access-Control-Allow-Methods', 'POST, GET, OPTIONS, PUT, DELETE')
      response.setHeader('Access-Control-Allow-Origin', origin)
      response.setHeader('Access-Control-Allow-Headers', 'accept, content-type, authorization')
    }
    if (request.method !== 'OPTIONS') return false
    response.writeHead(200).end()
    return true
  }
}
