import { X509Certificate } from 'node:crypto'
import { parseSigningRequest } from '@miniplane/api'
import { proofFault } from '../../edge/x509/proof.js'
import { pemBlocks } from './pem.js'

const SEQUENCE = 16
/** What the decoder of the real server adds of its own options. */
const OPTIONS =
  '{optional:false explicit:false application:false private:false defaultValue:<nil> tag:<nil> stringType:0 timeType:0 set:false omitEmpty:false}'

/** Why the text holds no request, or one whose maker has not got the key; undefined when it does. */
export function requestFault(base64: string): string | undefined {
  const [block] = pemBlocks(base64)
  if (block?.type !== 'CERTIFICATE REQUEST') return 'PEM block type must be CERTIFICATE REQUEST'
  const outer = sequenceFault(block.bytes)
  if (outer !== undefined) return outer
  try {
    return proofFault(parseSigningRequest(Buffer.from(base64, 'base64').toString('latin1')))
  } catch {
    // Which of the many parts is wrong, nobody asks; a request that can't be read is none.
    return 'asn1: syntax error: sequence truncated'
  }
}

/** What is wrong with the first tag and length, in the words of the real server's decoder. */
function sequenceFault(bytes: Uint8Array): string | undefined {
  const [tag, first] = bytes
  if (tag === undefined) return 'asn1: syntax error: sequence truncated'
  if (first === undefined) return 'asn1: syntax error: truncated tag or length'
  if (first === 0x80) return 'asn1: structure error: indefinite length found (not DER)'
  const octets = first < 0x80 ? 0 : first & 0x7f
  if (bytes.length < 2 + octets) return 'asn1: syntax error: truncated tag or length'
  let length = octets === 0 ? first : 0
  for (const octet of bytes.subarray(2, 2 + octets)) length = length * 256 + octet
  const start = 2 + octets
  const isCompound = (tag & 0x20) !== 0
  if (tag >> 6 !== 0 || (tag & 0x1f) !== SEQUENCE || !isCompound) {
    const found = `{class:${tag >> 6} tag:${tag & 0x1f} length:${length} isCompound:${isCompound}}`
    return `asn1: structure error: tags don't match (${SEQUENCE} vs ${found}) ${OPTIONS} certificateRequest @${start}`
  }
  if (start + length > bytes.length) return 'asn1: syntax error: data truncated'
  return start + length < bytes.length ? 'asn1: syntax error: trailing data' : undefined
}

/** Why the text holds no chain of certificates and nothing else; undefined when it does. */
export function certificateFault(base64: string | undefined): string | undefined {
  if (!base64) return undefined
  const blocks = pemBlocks(base64)
  for (const { type, hasHeaders, bytes } of blocks) {
    if (type !== 'CERTIFICATE') {
      return `only CERTIFICATE PEM blocks are allowed, found ${JSON.stringify(type)}`
    }
    if (hasHeaders) return 'no PEM block headers are permitted'
    if (bytes.length === 0) return 'found CERTIFICATE PEM block containing 0 certificates'
    if (!isCertificate(bytes)) return 'x509: malformed certificate'
  }
  return blocks.length === 0 ? 'must contain at least one CERTIFICATE PEM block' : undefined
}

function isCertificate(bytes: Uint8Array): boolean {
  try {
    return new X509Certificate(bytes).raw.length === bytes.length
  } catch {
    return false
  }
}
