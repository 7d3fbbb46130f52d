import 'reflect-metadata'
import type { AddressInfo } from 'node:net'
import { createServer, type TlsOptions } from 'node:tls'
import { Client, credentials } from '@grpc/grpc-js'
import * as x509 from '@peculiar/x509'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { systemClock } from '../../server/system-clock.js'
import { PutRequest } from '../../wire/kv.js'
import { etcdServices } from '../etcd-services.js'
import { defaultRpcLimits } from '../limits.js'
import { openLocalServer } from '../local-server.fixture.js'
import { type GrpcServer, serveGrpc } from './serve-grpc.js'

interface Pair {
  readonly cert: string
  readonly key: string
}

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }

/** An authority, and a certificate for each name. */
async function certificates(
  names: readonly string[],
  caName = 'CN=ca',
): Promise<{ ca: string; pairs: Pair[] }> {
  const newKeys = () => crypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify'])
  const caKeys = await newKeys()
  const ca = await x509.X509CertificateGenerator.createSelfSigned({
    name: caName,
    keys: caKeys,
    signingAlgorithm: ALGORITHM,
    extensions: [new x509.BasicConstraintsExtension(true, undefined, true)],
  })
  const pairs = names.map(async (name) => {
    const keys = await newKeys()
    const certificate = await x509.X509CertificateGenerator.create({
      subject: name,
      issuer: ca.subject,
      signingKey: caKeys.privateKey,
      publicKey: keys.publicKey,
      signingAlgorithm: ALGORITHM,
      extensions: [new x509.SubjectAlternativeNameExtension([{ type: 'dns', value: 'localhost' }])],
    })
    const key = Buffer.from(await crypto.subtle.exportKey('pkcs8', keys.privateKey))
    return { cert: certificate.toString('pem'), key: x509.PemConverter.encode(key, 'PRIVATE KEY') }
  })
  return { ca: ca.toString('pem'), pairs: await Promise.all(pairs) }
}

describe('who calls, over TLS', () => {
  const server = openLocalServer(systemClock)
  const callers: unknown[] = []
  let grpc: GrpcServer
  let tls: ReturnType<typeof createServer>
  let ca: string
  let [alice, bob]: Pair[] = []

  beforeAll(async () => {
    const made = await certificates(['CN=localhost', 'CN=alice', 'CN=bob'])
    ca = made.ca
    alice = made.pairs[1]
    bob = made.pairs[2]
    const put = server.put.bind(server)
    Object.assign(server, {
      put: (request: never, caller: { commonName: unknown }) => {
        callers.push(caller.commonName)
        return put(request, {})
      },
    })
    const services = etcdServices(server, { clock: systemClock })
    grpc = serveGrpc(services, { clock: systemClock, limits: defaultRpcLimits })
    const options: TlsOptions = { ...made.pairs[0], ca, requestCert: true, ALPNProtocols: ['h2'] }
    tls = createServer({ ...options, rejectUnauthorized: false }, (socket) => grpc.inject(socket))
    await new Promise<void>((resolve) => tls.listen(0, '127.0.0.1', resolve))
  })

  afterAll(async () => {
    await grpc.close(100)
    tls.close()
    await server[Symbol.asyncDispose]()
  })

  async function putAs(pair: Pair | undefined, times = 1): Promise<void> {
    const bytes = (pem: string | undefined) => (pem === undefined ? null : Buffer.from(pem))
    const secure = credentials.createSsl(Buffer.from(ca), bytes(pair?.key), bytes(pair?.cert))
    const { port } = tls.address() as AddressInfo
    const options = {
      'grpc.use_local_subchannel_pool': 1,
      'grpc.ssl_target_name_override': 'localhost',
    }
    const client = new Client(`127.0.0.1:${port}`, secure, options)
    const request = PutRequest.encode({ key: 'a' }) as Buffer
    const asIs = (value: Buffer) => value
    for (let i = 0; i < times; i++) {
      await new Promise<void>((resolve, reject) => {
        client.makeUnaryRequest('/etcdserverpb.KV/Put', asIs, asIs, request, (error) =>
          error ? reject(error) : resolve(),
        )
      })
    }
    client.close()
  }

  it('is the common name of the certificate, connection by connection', async () => {
    await Promise.all([putAs(alice, 2), putAs(bob), putAs(alice), putAs(undefined)])
    await putAs(bob)
    expect(callers.map(String).sort()).toEqual([
      'alice',
      'alice',
      'alice',
      'bob',
      'bob',
      'undefined',
    ])
  })

  it('is nobody with a certificate that nobody vouches for', async () => {
    const [stranger] = (await certificates(['CN=alice'], 'CN=stranger')).pairs
    callers.length = 0
    await putAs(stranger)
    expect(callers).toEqual([undefined])
  })
})
