import { DerError, parseSigningRequest, type SigningRequest } from '@miniplane/api'

/** What one signer certifies. Source: "Certificates and Certificate Signing Requests", Kubernetes signers. */
export interface Signer {
  /** Why it refuses, or undefined. */
  refuses(asked: SigningRequest, usages: readonly string[]): string | undefined
}

const NODES = 'system:nodes'
const NODE_PREFIX = 'system:node:'
const CLIENT = ['client auth', 'digital signature', 'key encipherment']
const SERVER = ['server auth', 'digital signature', 'key encipherment']

/** By the names in `spec.signerName`; other signers are somebody else's. */
export const SIGNERS: Readonly<Record<string, Signer>> = {
  'kubernetes.io/kube-apiserver-client': { refuses: (_, usages) => clientProblem(usages) },
  'kubernetes.io/kube-apiserver-client-kubelet': { refuses: kubeletClientProblem },
  'kubernetes.io/kubelet-serving': { refuses: kubeletServingProblem },
}

/** The request in a CertificateSigningRequest's spec, or why there is none. */
export function parseSpec(base64: string): SigningRequest | string {
  try {
    return parseSigningRequest(Buffer.from(base64, 'base64').toString('latin1'))
  } catch (error) {
    if (error instanceof DerError) return error.message
    throw error
  }
}

function clientProblem(usages: readonly string[]): string | undefined {
  const wrong = usages.find((usage) => !CLIENT.includes(usage))
  if (wrong !== undefined) return `invalid usage for client certificate: ${wrong}`
  return usages.includes('client auth')
    ? undefined
    : 'missing required usage for client certificate: client auth'
}

/** What a kubelet asks for to talk to the API server. */
export function kubeletClientProblem(
  { organizations, commonName, ...names }: SigningRequest,
  usages: readonly string[],
): string | undefined {
  if (!isNodes(organizations)) return 'subject organization is not system:nodes'
  if (names.dnsNames.length > 0) return 'DNS subjectAltNames are not allowed'
  if (names.emailAddresses.length > 0) return 'Email subjectAltNames are not allowed'
  if (names.ipAddresses.length > 0) return 'IP subjectAltNames are not allowed'
  if (names.uris.length > 0) return 'URI subjectAltNames are not allowed'
  if (!commonName.startsWith(NODE_PREFIX))
    return 'subject common name does not begin with system:node:'
  return areUsages(usages, CLIENT)
    ? undefined
    : 'usages did not match [digital signature, client auth] or [key encipherment, digital signature, client auth]'
}

/** What a kubelet asks for to be talked to. */
function kubeletServingProblem(
  { organizations, commonName, ...names }: SigningRequest,
  usages: readonly string[],
): string | undefined {
  if (!isNodes(organizations)) return 'subject organization is not system:nodes'
  if (names.dnsNames.length + names.ipAddresses.length === 0)
    return 'at least one DNS or IP subjectAltName is required'
  if (names.emailAddresses.length > 0) return 'Email subjectAltNames are not allowed'
  if (names.uris.length > 0) return 'URI subjectAltNames are not allowed'
  if (!areUsages(usages, SERVER))
    return 'usages did not match [digital signature, server auth] or [key encipherment, digital signature, server auth]'
  return commonName.startsWith(NODE_PREFIX)
    ? undefined
    : 'subject common name does not begin with system:node:'
}

const isNodes = (organizations: readonly string[]): boolean =>
  organizations.length === 1 && organizations[0] === NODES

/** All of `wanted`, of which keys that only sign can leave the encipherment out. */
const areUsages = (usages: readonly string[], wanted: readonly string[]): boolean =>
  wanted.every((usage) => usages.includes(usage) || usage === 'key encipherment') &&
  usages.every((usage) => wanted.includes(usage))
