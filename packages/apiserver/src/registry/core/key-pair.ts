import { createPrivateKey, createPublicKey, type KeyObject, X509Certificate } from 'node:crypto'

interface Block {
  readonly type: string
  readonly text: string
}

const BLOCK = /-----BEGIN ([^\n]*?)-----[ \t]*\r?\n([A-Za-z0-9+/=\s]*?)-----END \1-----/g

function blocksOf(pem: Buffer): Block[] {
  return [...pem.toString('latin1').matchAll(BLOCK)].map(([text, type = '']) => ({ type, text }))
}

const isKeyType = (type: string) => type === 'PRIVATE KEY' || type.endsWith(' PRIVATE KEY')
const listed = (blocks: readonly Block[]) => `[${blocks.map(({ type }) => type).join(' ')}]`

/** Why a TLS server could not use the two, in the words of Go's `tls.X509KeyPair`. */
export function keyPairFault(certificates: Buffer, key: Buffer): string | undefined {
  const blocks = blocksOf(certificates)
  const leaf = blocks.find(({ type }) => type === 'CERTIFICATE')
  if (!leaf) return certificateFault(blocks)
  const keys = blocksOf(key)
  const own = keys.find(({ type }) => isKeyType(type))
  if (!own) return keyFault(keys)
  const certified = publicKeyOf(leaf)
  if (!certified) return 'x509: malformed certificate'
  const secret = privateKeyOf(own)
  if (!secret) return 'tls: failed to parse private key'
  const found = createPublicKey(secret)
  if (found.asymmetricKeyType !== certified.asymmetricKeyType) {
    return 'tls: private key type does not match public key type'
  }
  return found.equals(certified) ? undefined : 'tls: private key does not match public key'
}

function certificateFault(blocks: readonly Block[]): string {
  if (blocks.length === 0) return 'tls: failed to find any PEM data in certificate input'
  if (blocks.length === 1 && blocks[0]?.type.endsWith('PRIVATE KEY')) {
    return 'tls: failed to find certificate PEM data in certificate input, but did find a private key; PEM inputs may have been switched'
  }
  return `tls: failed to find "CERTIFICATE" PEM block in certificate input after skipping PEM blocks of the following types: ${listed(blocks)}`
}

function keyFault(blocks: readonly Block[]): string {
  if (blocks.length === 0) return 'tls: failed to find any PEM data in key input'
  if (blocks.length === 1 && blocks[0]?.type === 'CERTIFICATE') {
    return 'tls: found a certificate rather than a key in the PEM for the private key'
  }
  return `tls: failed to find PEM block with type ending in "PRIVATE KEY" in key input after skipping PEM blocks of the following types: ${listed(blocks)}`
}

function publicKeyOf({ text }: Block): KeyObject | undefined {
  try {
    return new X509Certificate(text).publicKey
  } catch {
    // Whatever is wrong with it, it is no certificate.
    return undefined
  }
}

function privateKeyOf({ text }: Block): KeyObject | undefined {
  try {
    return createPrivateKey(text)
  } catch {
    // Neither is this a key.
    return undefined
  }
}
