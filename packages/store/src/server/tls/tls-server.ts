import type { Socket } from 'node:net'
import { createServer, type TLSSocket, type TlsOptions } from 'node:tls'
import type { Log } from '../../log.js'
import type { CertificateCheck } from './certificate-check.js'
import type { Credentials } from './credentials.js'

export interface TlsServerOptions {
  readonly credentials: Credentials
  readonly versions: Pick<TlsOptions, 'minVersion' | 'maxVersion' | 'ciphers'>
  /** Whoever has no certificate of the trusted authority is turned away. */
  readonly demandsCertificate: boolean
  /** What a verified certificate must be besides. Default: nothing. */
  readonly check?: CertificateCheck | undefined
  /** In the order of preference. */
  readonly protocols: readonly string[]
  readonly handshakeTimeoutMs: number
  readonly log: Log
}

/**
 * TLS on connections that somebody else accepts: what it returns takes a fresh connection, and
 * `onSecure` gets it when the client has shown who it is. Each handshake uses what the certificate
 * files have at that time.
 */
export function acceptTls(
  options: TlsServerOptions,
  onSecure: (socket: TLSSocket) => void,
): (socket: Socket) => void {
  const { credentials, demandsCertificate, log } = options
  let used = credentials.current()
  const server = createServer({
    ...options.versions,
    ...used,
    requestCert: demandsCertificate,
    rejectUnauthorized: demandsCertificate,
    ALPNProtocols: [...options.protocols],
    handshakeTimeout: options.handshakeTimeoutMs,
  })
  const reject = (socket: TLSSocket, error: string) => {
    log.warn('rejected connection', { 'remote-addr': socket.remoteAddress, error })
    socket.destroy()
  }
  server.on('tlsClientError', (error, socket) =>
    reject(socket, (error as { reason?: string }).reason ?? error.message),
  )
  server.on('secureConnection', (socket) => {
    socket.on('error', () => socket.destroy())
    const problem = demandsCertificate ? problemWith(socket, options.check) : undefined
    if (problem === undefined) onSecure(socket)
    else reject(socket, problem)
  })
  return (socket) => {
    const newest = credentials.current()
    if (newest !== used) {
      server.setSecureContext({ ...options.versions, ...newest })
      used = newest
    }
    server.emit('connection', socket)
  }
}

/** A rule that can't be read keeps everybody out. */
function problemWith(socket: TLSSocket, check: CertificateCheck | undefined): string | undefined {
  try {
    return check?.(socket.getPeerCertificate())
  } catch (error) {
    return (error as Error).message
  }
}
