import type { AddressInfo, Socket } from 'node:net'
import { createServer } from 'node:tls'
import { eventLoopTurn } from '@miniplane/api'
import type { ApiServer } from '../server.js'
import { issueServingCertificate } from './certificates.js'
import { EventOutbox } from './event-outbox.js'
import { Http1 } from './http1.js'
import { Http2 } from './http2.js'
import { TurnEnd } from './turn-end.js'
import type { Credential } from './x509/certificate.js'
import type { SigningOrder } from './x509/sign-request.js'

export interface HttpsOptions {
  /** Default 127.0.0.1. */
  readonly host?: string
  /** Default 0: any free one. */
  readonly port?: number
  /** Further names and addresses that the certificate is for. */
  readonly names?: readonly string[]
  /** Show this instead of a certificate that is made at the start. */
  readonly serving?: Pick<Credential, 'certificatePem' | 'privateKeyPem'> | undefined
  /** PEM of further authorities whose client certificates are taken: user and groups are in them. */
  readonly clientAuthorities?: string | undefined
  /** PEM of authorities of front proxies, whom the server itself must know, too. */
  readonly frontProxyAuthorities?: string | undefined
}

/** A listening HTTPS server. */
export interface HttpsEdge {
  /** `https://127.0.0.1:6443`. */
  readonly server: string
  readonly host: string
  readonly port: number
  /** PEM of the authority that signed the serving certificate. */
  readonly certificateAuthority: string
  /** A client certificate that this server takes, for a user and his groups. */
  issueClientCertificate(
    commonName: string,
    organizations: readonly string[],
  ): { certificatePem: string; privateKeyPem: string }
  /** Signs a certificate request with the authority. Throws when it is none. */
  signCertificate(order: SigningOrder): string
  /** Stops listening and cuts what is open. */
  close(): Promise<void>
}

/** Serves `apiServer` over HTTPS, HTTP/2 and HTTP/1.1. Rejects with the system's error, such as EADDRINUSE. */
export async function listenHttps(
  apiServer: ApiServer,
  options: HttpsOptions = {},
): Promise<HttpsEdge> {
  const { host = '127.0.0.1', port = 0, names = [], serving } = options
  const { clientAuthorities, frontProxyAuthorities } = options
  const certificates = issueServingCertificate(apiServer, [host, ...names])
  const shown = serving ?? certificates.serving
  const ownAuthority = certificates.authority.certificatePem
  const authorities = [
    ownAuthority,
    ...(clientAuthorities === undefined ? [] : [clientAuthorities]),
  ]
  const server = createServer({
    key: shown.privateKeyPem,
    cert: shown.certificatePem,
    ca: frontProxyAuthorities === undefined ? authorities : [...authorities, frontProxyAuthorities],
    requestCert: true,
    rejectUnauthorized: false,
    ALPNProtocols: ['h2', 'http/1.1'],
    minVersion: 'TLSv1.2',
  })
  const turnEnd = new TurnEnd()
  const services = { apiServer, turnEnd, outbox: new EventOutbox(turnEnd) }
  const [http1, http2] = [new Http1(services), new Http2(services)]
  // From their first byte: one whose handshake is not through has to be cut as well.
  const sockets = new Set<Socket>()
  server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })
  server.on('secureConnection', (socket) => {
    if (socket.alpnProtocol === 'h2') http2.serve(socket)
    else http1.serve(socket)
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, () => {
      server.off('error', reject)
      resolve()
    })
  })
  const { port: actualPort } = server.address() as AddressInfo
  const shownHost = host.includes(':') ? `[${host}]` : host
  apiServer.address = `${shownHost}:${actualPort}`
  apiServer.clientAuthorities = authorities.join('')
  return {
    server: `https://${shownHost}:${actualPort}`,
    host,
    port: actualPort,
    certificateAuthority: certificates.authority.certificatePem,
    issueClientCertificate: certificates.issueClient,
    signCertificate: certificates.sign,
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()))
      http1.close()
      http2.close()
      // What was written last may still go out.
      await eventLoopTurn()
      for (const socket of sockets) socket.destroy()
      await closed
    },
  }
}
