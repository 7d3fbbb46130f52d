import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { isIP } from 'node:net'
import { join } from 'node:path'
import type { Clock } from '../../clock.js'
import type { CredentialFiles } from './credentials.js'

const YEAR_MS = 365 * 24 * 3_600_000

export interface SelfSignedOptions {
  readonly folder: string
  /** Host names and addresses for which it is valid. */
  readonly hosts: readonly string[]
  readonly validYears: number
  readonly clock: Clock
}

/** A certificate that vouches for itself, made once and kept in the folder. */
export async function selfSigned(options: SelfSignedOptions): Promise<CredentialFiles> {
  const { folder } = options
  const files = { cert: join(folder, 'cert.pem'), key: join(folder, 'key.pem') }
  if (existsSync(files.cert) && existsSync(files.key)) return files
  const { cert, key } = await make(options)
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  writeFileSync(files.cert, cert, { mode: 0o600 })
  writeFileSync(files.key, key, { mode: 0o600 })
  return files
}

async function make({ hosts, validYears, clock }: SelfSignedOptions) {
  const x509 = await import('./x509.js')
  const keys = await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, [
    'sign',
    'verify',
  ])
  const usage = x509.KeyUsageFlags
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name: 'O=etcd',
    notBefore: new Date(clock.now()),
    notAfter: new Date(clock.now() + validYears * YEAR_MS),
    keys,
    signingAlgorithm: { name: 'ECDSA', hash: 'SHA-256' },
    extensions: [
      new x509.BasicConstraintsExtension(true, undefined, true),
      new x509.KeyUsagesExtension(usage.digitalSignature | usage.keyCertSign, true),
      new x509.ExtendedKeyUsageExtension([
        x509.ExtendedKeyUsage.serverAuth,
        x509.ExtendedKeyUsage.clientAuth,
      ]),
      new x509.SubjectAlternativeNameExtension(
        hosts.map((host) => ({ type: isIP(host) === 0 ? 'dns' : 'ip', value: host })),
      ),
    ],
  })
  const key = Buffer.from(await crypto.subtle.exportKey('pkcs8', keys.privateKey))
  return { cert: certificate.toString('pem'), key: x509.PemConverter.encode(key, 'PRIVATE KEY') }
}
