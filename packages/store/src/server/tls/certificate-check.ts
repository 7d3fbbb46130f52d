import { checkServerIdentity, type PeerCertificate } from 'node:tls'
import type { RevocationList } from './revocation-list.js'

/** What is wrong with a certificate that an authority of ours has signed; undefined: nothing. */
export type CertificateCheck = (certificate: PeerCertificate) => string | undefined

export interface CertificateRules {
  /** One of these must be its common name. Empty: any. */
  readonly commonNames: readonly string[]
  /** It must be valid for one of these. Empty: any. */
  readonly hostNames: readonly string[]
  readonly revoked?: RevocationList | undefined
}

export function certificateCheck(rules: CertificateRules): CertificateCheck {
  const { commonNames, hostNames, revoked } = rules
  return (certificate) => {
    if (revoked?.has(certificate.serialNumber)) return 'certificate is revoked'
    const name: unknown = certificate.subject?.CN
    if (commonNames.length > 0 && !commonNames.includes(String(name)))
      return `certificate authentication failed: CN is ${JSON.stringify(name)}`
    const isFor = (host: string) => checkServerIdentity(host, certificate) === undefined
    if (hostNames.length > 0 && !hostNames.some(isFor))
      return 'certificate authentication failed: it is for other hosts'
    return undefined
  }
}
