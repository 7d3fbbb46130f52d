import type { AddressInfo } from 'node:net'
import { createServer, type TLSSocket } from 'node:tls'
import type { ApiServer } from '../server.js'
import { issueServingCertificate } from './certificates.js'
import { EventOutbox } from './event-outbox.js'
import { Http1 } from './http1.js'

export interface HttpsOptions {
  /** Default 127.0.0.1. */
  readonly host?: string
  /** Default 0: any free one. */
  readonly port?: number
  /** Further names and addresses that the certificate is for. */
  readonly names?: readonly string[]
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
  /** Stops listening and cuts what is open. */
  close(): Promise<void>
}

/** Serves `apiServer` over HTTPS. Rejects with the system's error, such as EADDRINUSE. */
export async function listenHttps(
  apiServer: ApiServer,
  { host = '127.0.0.1', port = 0, names = [] }: HttpsOptions = {},
): Promise<HttpsEdge> {
  const certificates = issueServingCertificate(apiServer, [host, ...names])
  const server = createServer({
    key: certificates.serving.privateKeyPem,
    cert: certificates.serving.certificatePem,
    ca: certificates.authority.certificatePem,
    requestCert: true,
    rejectUnauthorized: false,
    ALPNProtocols: ['http/1.1'],
    minVersion: 'TLSv1.2',
  })
  const http1 = new Http1({ apiServer, outbox: new EventOutbox() })
  const sockets = new Set<TLSSocket>()
  server.on('secureConnection', (socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
    http1.serve(socket)
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
  return {
    server: `https://${shownHost}:${actualPort}`,
    host,
    port: actualPort,
    certificateAuthority: certificates.authority.certificatePem,
    issueClientCertificate: certificates.issueClient,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        http1.close()
        for (const socket of sockets) socket.destroy()
      }),
  }
}
