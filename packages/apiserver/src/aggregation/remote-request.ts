import type { IncomingMessage } from 'node:http'
import { request as httpsRequest } from 'node:https'
import type { UserInfo } from '../pipeline/stage.js'
import type { Address, RemoteService } from './remote-services.js'

/** What this server shows to servers behind API services, so that they believe who asks; PEM. */
export interface ProxyClient {
  readonly certificatePem: string
  readonly privateKeyPem: string
}

export interface RemoteRequest {
  readonly method: string
  /** With its query. */
  readonly path: string
  readonly headers: Readonly<Record<string, string | undefined>>
  readonly body?: Uint8Array | undefined
  readonly user: UserInfo
  readonly signal: AbortSignal
}

/**
 * Asks the server of an API service, in the name of a user. The answer's body is the caller's to
 * read. Rejects with what Go's dialer would say of a server that isn't there.
 */
export function askRemote(
  { spec }: RemoteService,
  { shown, host, port }: Address,
  { method, path, headers, body, user, signal }: RemoteRequest,
  client: ProxyClient | undefined,
): Promise<IncomingMessage> {
  const refused = (at = shown) => new Error(`dial tcp ${at}: connect: connection refused`)
  if (host === undefined || port === undefined) return Promise.reject(refused())
  const { name, namespace } = spec.service as { name?: string; namespace?: string }
  return new Promise((resolve, reject) => {
    const request = httpsRequest({
      host,
      port,
      method,
      path,
      headers: { ...passedOn(headers), ...userHeaders(user), host: shown },
      servername: `${name}.${namespace}.svc`,
      rejectUnauthorized: !spec.insecureSkipTLSVerify,
      ...(spec.caBundle && { ca: Buffer.from(spec.caBundle, 'base64') }),
      ...(client && { cert: client.certificatePem, key: client.privateKeyPem }),
      agent: false,
      signal,
    })
    request.on('response', resolve)
    request.on('error', (error: DialError) => {
      // Of a name that has several addresses the last one counts.
      const { address } = error.errors?.at(-1) ?? error
      const isName = shown === `${host}:${port}`
      const at = isName && address ? `${address}:${port}` : shown
      reject(error.code === 'ECONNREFUSED' ? refused(at) : error)
    })
    request.end(body)
  })
}

interface DialError extends NodeJS.ErrnoException {
  readonly address?: string
  readonly errors?: readonly { readonly address?: string }[]
}

/** Of one connection only, or of the client's way to this server. */
const NOT_PASSED_ON =
  /^(?:connection|keep-alive|proxy-.*|te|trailer|transfer-encoding|upgrade|host|content-length|authorization|x-remote-.*|impersonate-.*|:.*)$/

export function passedOn<T>(headers: Readonly<Record<string, T | undefined>>): Record<string, T> {
  const passed: Record<string, T> = {}
  for (const [name, value] of Object.entries(headers))
    if (value !== undefined && !NOT_PASSED_ON.test(name)) passed[name] = value
  return passed
}

function userHeaders({
  name,
  uid,
  groups,
  extra = {},
}: UserInfo): Record<string, string | string[]> {
  return {
    'X-Remote-User': name,
    ...(uid && { 'X-Remote-Uid': uid }),
    'X-Remote-Group': [...groups],
    ...Object.fromEntries(
      Object.entries(extra).map(([key, values]) => [
        `X-Remote-Extra-${encodeURIComponent(key)}`,
        [...values],
      ]),
    ),
  }
}
