import {
  type CertificateSigningRequest,
  DerError,
  type KubeObject,
  parseSigningRequest,
} from '@miniplane/api'
import { CommandError } from '../errors/errors.js'
import { humanDuration } from '../printers/human-duration.js'
import type { DescribeContext } from './context.js'
import { writeEvents } from './events.js'
import { longTime, mapSelector } from './text.js'
import type { DescribeWriter } from './writer.js'

export async function describeSigningRequest(object: KubeObject, context: DescribeContext) {
  const { writer } = context
  const { metadata, spec } = object as unknown as CertificateSigningRequest
  const request = readRequest(spec.request)
  writer.field('Name', metadata.name)
  writer.field('Labels', mapSelector(metadata.labels))
  writer.field('Annotations', mapSelector(metadata.annotations))
  writer.field('CreationTimestamp', longTime(metadata.creationTimestamp))
  writer.field('Requesting User', spec.username ?? '')
  if (spec.signerName) writer.field('Signer', spec.signerName)
  if (spec.expirationSeconds !== undefined) {
    writer.field('Requested Duration', humanDuration(spec.expirationSeconds * 1000))
  }
  writer.field('Status', statusText(object as unknown as CertificateSigningRequest))
  writer.line(0, 'Subject:')
  writer.line(0, `\tCommon Name:\t${request.commonName}`)
  writer.line(0, '\tSerial Number:\t')
  writeValues(writer, 'Organization', request.organizations)
  const names = [
    ['DNS Names', request.dnsNames],
    ['Email Addresses', request.emailAddresses],
    ['URIs', request.uris],
    ['IP Addresses', request.ipAddresses],
  ] as const
  if (names.some(([, values]) => values.length > 0)) {
    writer.line(0, 'Subject Alternative Names:')
    for (const [title, values] of names) writeValues(writer, title, values)
  }
  await writeEvents(object, context)
}

function readRequest(base64: string) {
  try {
    return parseSigningRequest(Buffer.from(base64, 'base64').toString('latin1'))
  } catch (error) {
    if (!(error instanceof DerError)) throw error
    throw new CommandError(`Error parsing CSR: ${error.message}`)
  }
}

function statusText({ status }: CertificateSigningRequest): string {
  const types = new Set((status?.conditions ?? []).map(({ type }) => type))
  const decision = ['Denied', 'Approved'].find((type) => types.has(type)) ?? 'Pending'
  const failed = types.has('Failed') ? ',Failed' : ''
  return `${decision}${failed}${status?.certificate ? ',Issued' : ''}`
}

function writeValues(writer: DescribeWriter, title: string, values: readonly string[]): void {
  if (values.length > 0) writer.line(0, `\t${title}:\t${values.join('\n\t\t')}`)
}
