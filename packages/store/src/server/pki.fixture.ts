import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { CredentialFiles } from './tls/credentials.js'

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const

/** An authority, and certificates from it, in a folder of their own. */
export interface Pki extends Disposable {
  readonly folder: string
  readonly ca: string
  /** Valid for 127.0.0.1 and localhost. The same name makes new ones in the same files. */
  issue(fileName: string, commonName: string): Promise<CredentialFiles>
  /** A list that takes these back. */
  revoke(serialNumbers: readonly string[]): Promise<string>
}

export async function createPki(): Promise<Pki> {
  await import('reflect-metadata')
  const x509 = await import('@peculiar/x509')
  const folder = mkdtempSync(join(tmpdir(), 'etcd-pki-'))
  const save = (name: string, text: string) => {
    const path = join(folder, name)
    writeFileSync(path, text)
    return path
  }
  const newKeys = () => crypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify'])
  const caKeys = await newKeys()
  const ca = await x509.X509CertificateGenerator.createSelfSigned({
    name: 'CN=test authority',
    keys: caKeys,
    signingAlgorithm: ALGORITHM,
    extensions: [new x509.BasicConstraintsExtension(true, undefined, true)],
  })
  return {
    folder,
    ca: save('ca.crt', ca.toString('pem')),
    async issue(fileName, commonName) {
      const keys = await newKeys()
      const certificate = await x509.X509CertificateGenerator.create({
        subject: `CN=${commonName}`,
        issuer: ca.subject,
        publicKey: keys.publicKey,
        signingKey: caKeys.privateKey,
        signingAlgorithm: ALGORITHM,
        extensions: [
          new x509.SubjectAlternativeNameExtension([
            { type: 'ip', value: '127.0.0.1' },
            { type: 'dns', value: 'localhost' },
          ]),
        ],
      })
      const key = Buffer.from(await crypto.subtle.exportKey('pkcs8', keys.privateKey))
      return {
        cert: save(`${fileName}.crt`, certificate.toString('pem')),
        key: save(`${fileName}.key`, x509.PemConverter.encode(key, 'PRIVATE KEY')),
        ca: join(folder, 'ca.crt'),
      }
    },
    async revoke(serialNumbers) {
      const crl = await x509.X509CrlGenerator.create({
        issuer: ca.subject,
        signingKey: caKeys.privateKey,
        signingAlgorithm: ALGORITHM,
        nextUpdate: new Date('2100-01-01'),
        entries: serialNumbers.map((serialNumber) => ({ serialNumber })),
      })
      return save('crl.pem', crl.toString('pem'))
    },
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  }
}
