import { join } from 'node:path'
import type { ConnectionOptions, SecureVersion } from 'node:tls'
import type { Clock } from '../../clock.js'
import type { Log } from '../../log.js'
import type { Settings } from '../config/options/options.js'
import { parseAddress } from '../listen/address.js'
import { certificateCheck } from './certificate-check.js'
import { opensslCiphers } from './cipher-suites.js'
import { type CredentialFiles, openCredentials } from './credentials.js'
import { openRevocationList } from './revocation-list.js'
import { selfSigned } from './self-signed.js'
import type { TlsServerOptions } from './tls-server.js'

export interface Security {
  /** For https URLs of clients; undefined: there are no certificates. */
  readonly clients: TlsServerOptions | undefined
  readonly peers: TlsServerOptions | undefined
  /** How this member shows itself to others; asked with each connection. */
  readonly toPeers: (() => ConnectionOptions) | undefined
}

export interface SecurityContext {
  readonly clock: Clock
  readonly log: Log
  readonly handshakeTimeoutMs: number
}

/** Certificates, authorities and rules as the settings have them. Rejects with what is wrong. */
export async function openSecurity(
  settings: Settings,
  context: SecurityContext,
): Promise<Security> {
  const clientFiles = await filesOf(CLIENT, settings, context)
  const peerFiles = await filesOf(PEER, settings, context)
  checkSchemes(CLIENT, settings, clientFiles, context.log)
  checkSchemes(PEER, settings, peerFiles, context.log)
  return {
    clients: clientFiles && (await serverOf(CLIENT, clientFiles, settings, context)),
    peers: peerFiles && (await serverOf(PEER, peerFiles, settings, context)),
    toPeers: toPeers(peerFiles, settings, context.log),
  }
}

/** Which flags are about clients, and which about peers. */
const CLIENT = {
  side: 'client',
  cert: 'cert-file',
  key: 'key-file',
  ca: 'trusted-ca-file',
  auth: 'client-cert-auth',
  auto: 'auto-tls',
  crl: 'client-crl-file',
  commonNames: undefined,
  hostNames: 'client-cert-allowed-hostname',
  listen: ['listen-client-urls', 'listen-client-http-urls', 'listen-metrics-urls'],
  // Who can do both wants JSON or health: gRPC's clients offer HTTP/2 alone.
  protocols: ['http/1.1', 'h2'],
} as const

const PEER = {
  side: 'peer',
  cert: 'peer-cert-file',
  key: 'peer-key-file',
  ca: 'peer-trusted-ca-file',
  auth: 'peer-client-cert-auth',
  auto: 'peer-auto-tls',
  crl: 'peer-crl-file',
  commonNames: 'peer-cert-allowed-cn',
  hostNames: 'peer-cert-allowed-hostname',
  listen: ['listen-peer-urls'],
  protocols: ['http/1.1'],
} as const

type Flags = typeof CLIENT | typeof PEER

async function filesOf(
  flags: Flags,
  settings: Settings,
  { clock, log }: SecurityContext,
): Promise<CredentialFiles | undefined> {
  const ca = settings[flags.ca] || undefined
  if (settings[flags.cert] !== '')
    return { cert: settings[flags.cert], key: settings[flags.key], ca }
  const secure = flags.listen.flatMap((name) => settings[name]).filter(isSecure)
  if (!settings[flags.auto] || secure.length === 0) return undefined
  const hosts = secure.flatMap((url) => {
    const { target } = parseAddress(url)
    return 'path' in target ? [] : [target.host]
  })
  const folder = join(settings['data-dir'], 'fixtures', flags.side)
  const validYears = settings['self-signed-cert-validity']
  log.info('making a certificate', { folder, hosts })
  return { ...(await selfSigned({ folder, hosts, validYears, clock })), ca }
}

function checkSchemes(
  flags: Flags,
  settings: Settings,
  files: CredentialFiles | undefined,
  log: Log,
): void {
  for (const url of flags.listen.flatMap((name) => settings[name])) {
    if (isSecure(url) && files === undefined) {
      throw new Error(
        `TLS key/cert (--${flags.cert}, --${flags.key}) must be provided for ${flags.side} url ${url} with HTTPS scheme`,
      )
    }
    if (!isSecure(url) && files !== undefined) {
      log.warn('scheme is HTTP while key and cert files are present; ignoring key and cert files', {
        [`${flags.side}-url`]: url,
      })
    }
  }
}

async function serverOf(
  flags: Flags,
  files: CredentialFiles,
  settings: Settings,
  { log, handshakeTimeoutMs }: SecurityContext,
): Promise<TlsServerOptions> {
  const crl = settings[flags.crl]
  const list = (text: string) => (text === '' ? [] : text.split(',').map((one) => one.trim()))
  return {
    credentials: openCredentials(files, log),
    versions: versionsOf(settings),
    // An authority that nobody has to show something of would be of no use: etcd reads it so, too.
    demandsCertificate: settings[flags.auth] || files.ca !== undefined,
    check: certificateCheck({
      commonNames: flags.commonNames === undefined ? [] : list(settings[flags.commonNames]),
      hostNames: list(settings[flags.hostNames]),
      revoked: crl === '' ? undefined : await openRevocationList(crl),
    }),
    protocols: flags.protocols,
    handshakeTimeoutMs,
    log,
  }
}

function versionsOf(settings: Settings): TlsServerOptions['versions'] {
  const version = (text: string) => text.replace('TLS', 'TLSv') as SecureVersion
  const min = settings['tls-min-version']
  const max = settings['tls-max-version']
  return {
    ...(min !== '' && { minVersion: version(min) }),
    ...(max !== '' && { maxVersion: version(max) }),
    ...(settings['cipher-suites'].length > 0 && {
      ciphers: opensslCiphers(settings['cipher-suites']),
    }),
  }
}

/** A member without certificates can still reach those that are known to the machine. */
function toPeers(
  files: CredentialFiles | undefined,
  settings: Settings,
  log: Log,
): Security['toPeers'] {
  if (files === undefined) return undefined
  const cert = settings['peer-client-cert-file'] || files.cert
  const key = settings['peer-client-key-file'] || files.key
  const credentials = openCredentials({ ...files, cert, key }, log)
  const isSelfSigned = settings['peer-cert-file'] === ''
  // Nobody could know the others' certificates when each makes its own.
  return () => ({ ...credentials.current(), rejectUnauthorized: !isSelfSigned })
}

const isSecure = (url: string): boolean => parseAddress(url).isSecure
