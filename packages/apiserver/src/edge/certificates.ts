import type { Clock, Random } from '@miniplane/api'
import { type Credential, issueCertificate } from './x509/certificate.js'
import { type SigningOrder, signRequest } from './x509/sign-request.js'

const DAY_MS = 86_400_000
const VALID_MS = 365 * DAY_MS
/** Clocks differ: what was issued just now must be valid everywhere. */
const BACKDATED_MS = 60 * 60_000

const AUTHORITY = 'miniplane-ca'
/** Names by which workloads and people reach the server. */
const NAMES = [
  'localhost',
  'kubernetes',
  'kubernetes.default',
  'kubernetes.default.svc',
  'kubernetes.default.svc.cluster.local',
  '127.0.0.1',
  '10.0.0.1',
]

export interface ServingCertificates {
  readonly authority: Credential
  readonly serving: Credential
  issueClient(commonName: string, organizations: readonly string[]): Credential
  /** PEM of a certificate for what was asked for. */
  sign(order: SigningOrder): string
}

/** An authority of this server's own, and a serving certificate for its names and `names`. */
export function issueServingCertificate(
  { clock, random }: { readonly clock: Clock; readonly random: Random },
  names: readonly string[],
): ServingCertificates {
  const now = clock.now()
  const validity = { notBeforeMs: now - BACKDATED_MS, notAfterMs: now + VALID_MS }
  const authority = issueCertificate(
    { commonName: AUTHORITY, usage: 'authority', ...validity },
    random,
  )
  const issuer = { commonName: AUTHORITY, credential: authority }
  return {
    authority,
    serving: issueCertificate(
      {
        commonName: 'kube-apiserver',
        usage: 'server',
        names: [...new Set([...NAMES, ...names])],
        ...validity,
      },
      random,
      issuer,
    ),
    issueClient: (commonName, organizations) =>
      issueCertificate({ commonName, organizations, usage: 'client', ...validity }, random, issuer),
    // Nothing outlives the authority that vouches for it.
    sign: (order) =>
      signRequest(
        { ...order, notAfterMs: Math.min(order.notAfterMs, validity.notAfterMs) },
        random,
        issuer,
      ),
  }
}
