import { DerError, type DerValue, objectIdentifierText, readAll, readOne } from './der-reader.js'

/** What somebody wants to have certified. Source: RFC 2986 (PKCS #10), RFC 5280 §4.2.1.6. */
export interface SigningRequest {
  readonly commonName: string
  readonly organizations: readonly string[]
  readonly dnsNames: readonly string[]
  /** In text form; IPv6 in groups of hexadecimal digits. */
  readonly ipAddresses: readonly string[]
  readonly emailAddresses: readonly string[]
  readonly uris: readonly string[]
  /** DER of the subject's Name, of its SubjectPublicKeyInfo, and of its SubjectAltName if any. */
  readonly subject: Uint8Array
  readonly publicKey: Uint8Array
  readonly subjectAltName: Uint8Array | undefined
  /** Proof that the asker has the private key: what was signed, how (in dotted form), and the signature. */
  readonly proof: {
    readonly signed: Uint8Array
    readonly algorithm: string
    readonly signature: Uint8Array
  }
}

const TAG = {
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  sequence: 0x30,
  set: 0x31,
  attributes: 0xa0,
}
const COMMON_NAME = '2.5.4.3'
const ORGANIZATION = '2.5.4.10'
const EXTENSION_REQUEST = '1.2.840.113549.1.9.14'
const SUBJECT_ALT_NAME = '2.5.29.17'
/** Context-specific tags of a GeneralName. */
const EMAIL = 0x81
const DNS = 0x82
const URI = 0x86
const IP = 0x87

const PEM = /-----BEGIN CERTIFICATE REQUEST-----\r?\n([^-]+)-----END CERTIFICATE REQUEST-----/

/** Reads the first request of a PEM text. Throws a `DerError` when there is none. */
export function parseSigningRequest(pem: string): SigningRequest {
  const base64 = PEM.exec(pem)?.[1]
  if (base64 === undefined) throw new DerError('PEM block type must be CERTIFICATE REQUEST')
  const request = readOne(Buffer.from(base64, 'base64'), TAG.sequence)
  const info = readOne(request.contents, TAG.sequence)
  const [, algorithm, signature] = readAll(request.contents)
  if (algorithm?.tag !== TAG.sequence || signature?.tag !== TAG.bitString)
    throw new DerError('a certificate request is signed')
  const [, subject, publicKey, attributes] = readAll(info.contents)
  if (subject?.tag !== TAG.sequence || publicKey?.tag !== TAG.sequence)
    throw new DerError('a certificate request has a subject and a public key')
  const altName = attributes?.tag === TAG.attributes ? altNameIn(attributes) : undefined
  return {
    ...namesOf(subject),
    ...altNames(altName),
    subject: subject.whole,
    publicKey: publicKey.whole,
    subjectAltName: altName,
    proof: {
      signed: info.whole,
      algorithm: objectIdentifierText(readOne(algorithm.contents)),
      // Behind the count of bits that are not used: none.
      signature: signature.contents.subarray(1),
    },
  }
}

/** Sets of pairs of an attribute's identifier and its text. */
function namesOf(name: DerValue): Pick<SigningRequest, 'commonName' | 'organizations'> {
  const attributes = readAll(name.contents).flatMap(({ contents }) =>
    readAll(contents).map((pair) => {
      const [type, text] = readAll(pair.contents)
      if (!type || !text) throw new DerError('a name holds pairs')
      return { type: objectIdentifierText(type), text: directoryText(text) }
    }),
  )
  const all = (wanted: string) =>
    attributes.filter(({ type }) => type === wanted).map(({ text }) => text)
  return { commonName: all(COMMON_NAME).at(-1) ?? '', organizations: all(ORGANIZATION) }
}

/** The value of the extension that names the subject otherwise. */
function altNameIn(attributes: DerValue): Uint8Array | undefined {
  for (const attribute of readAll(attributes.contents)) {
    const [type, values] = readAll(attribute.contents)
    if (!type || !values || objectIdentifierText(type) !== EXTENSION_REQUEST) continue
    const extensions = readOne(values.contents, TAG.sequence)
    for (const extension of readAll(extensions.contents)) {
      const parts = readAll(extension.contents)
      const value = parts.at(-1)
      if (!parts[0] || value?.tag !== TAG.octetString) continue
      if (objectIdentifierText(parts[0]) === SUBJECT_ALT_NAME) return value.contents
    }
  }
  return undefined
}

function altNames(
  altName: Uint8Array | undefined,
): Pick<SigningRequest, 'dnsNames' | 'ipAddresses' | 'emailAddresses' | 'uris'> {
  const names = altName ? readAll(readOne(altName, TAG.sequence).contents) : []
  const texts = (tag: number) =>
    names.filter((name) => name.tag === tag).map(({ contents }) => utf8(contents))
  return {
    dnsNames: texts(DNS),
    emailAddresses: texts(EMAIL),
    uris: texts(URI),
    ipAddresses: names.filter(({ tag }) => tag === IP).map(({ contents }) => addressText(contents)),
  }
}

function addressText(bytes: Uint8Array): string {
  if (bytes.length === 4) return bytes.join('.')
  const groups = Array.from({ length: bytes.length / 2 }, (_, i) =>
    (((bytes[2 * i] ?? 0) << 8) | (bytes[2 * i + 1] ?? 0)).toString(16),
  )
  return groups.join(':')
}

const UTF8 = 0x0c
const BMP = 0x1e
/** PrintableString, TeletexString (read as Latin-1 by everybody) and IA5String. */
const OF_BYTES = [0x13, 0x14, 0x16]

/**
 * A DirectoryString (X.520). Whoever verifies the certificate reads every spelling of a name, so
 * that one which is not read here must not get past whom names are forbidden to.
 */
function directoryText({ tag, contents }: DerValue): string {
  if (tag === UTF8) return utf8(contents)
  if (OF_BYTES.includes(tag)) return Buffer.from(contents).toString('latin1')
  if (tag !== BMP || contents.length % 2 !== 0)
    throw new DerError(`a name has a text of an unknown kind, ${tag}`)
  return Buffer.from(contents).swap16().toString('utf16le')
}

const utf8 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('utf8')
