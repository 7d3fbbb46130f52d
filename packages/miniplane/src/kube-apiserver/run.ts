import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Command } from 'commander'
import { untilSignal } from '../commands/until-signal.js'
import { type ControlPlane, startControlPlane } from '../control-plane.js'
import type { ControlPlaneOptions } from '../options.js'
import { programLog } from '../program-log.js'
import { type ServerFlags, withoutEffect } from './flags.js'
import { readTokens } from './token-file.js'

/**
 * The program: an API server alone, without controllers, scheduler and nodes, until a signal. For
 * those who start a `kube-apiserver` themselves, as envtest does. Returns the exit code.
 */
export async function runServer(command: Command): Promise<number> {
  const stopped = untilSignal()
  const log = programLog('warn')
  const ignored = withoutEffect(command)
  if (ignored.length > 0) log.warn('these flags have no effect', { flags: ignored })
  let plane: ControlPlane
  try {
    plane = await startControlPlane({ ...optionsFrom(command.opts<ServerFlags>()), log })
  } catch (error) {
    // What is wrong is in what was given: files, addresses, an etcd.
    process.stderr.write(`Error: ${error instanceof Error ? error.message : String(error)}\n`)
    return 1
  }
  await stopped
  await plane.close()
  return 0
}

/** Reads the files that the flags name. Throws the system's error where one can't be read. */
export function optionsFrom(flags: ServerFlags): ControlPlaneOptions {
  const { etcdServers: servers, etcdPrefix: prefix } = flags
  const [ca, cert, key] = [flags.etcdCafile, flags.etcdCertfile, flags.etcdKeyfile].map(read)
  return {
    controllers: false,
    https: {
      host: flags.bindAddress,
      port: flags.securePort,
      serving: servingFrom(flags),
      clientAuthorities: read(flags.clientCaFile),
    },
    etcd: { servers, prefix, tls: { ca, cert, key } },
    storageMediaType: flags.storageMediaType,
    serviceCidr: flags.serviceClusterIpRange,
    authorizationModes: flags.authorizationMode,
    anonymousAuth: flags.anonymousAuth,
    frontProxies: frontProxiesFrom(flags),
    proxyClient: proxyClientFrom(flags),
    serviceAccountTokens: tokensFrom(flags),
    enableAdmissionPlugins: flags.enableAdmissionPlugins,
    disableAdmissionPlugins: flags.disableAdmissionPlugins,
    users: flags.tokenAuthFile === undefined ? [] : readTokens(flags.tokenAuthFile),
  }
}

function tokensFrom(flags: ServerFlags) {
  return {
    issuers: flags.serviceAccountIssuer,
    audiences: flags.apiAudiences,
    signingKey: read(flags.serviceAccountSigningKeyFile),
    verifyingKeys: flags.serviceAccountKeyFile.map((file) => readFileSync(file, 'utf8')),
    expirationSecondsMax: flags.serviceAccountMaxTokenExpiration,
  }
}

function proxyClientFrom({ proxyClientCertFile, proxyClientKeyFile }: ServerFlags) {
  const [certificatePem, privateKeyPem] = [proxyClientCertFile, proxyClientKeyFile].map(read)
  if (certificatePem === undefined || privateKeyPem === undefined) return undefined
  return { certificatePem, privateKeyPem }
}

function frontProxiesFrom(flags: ServerFlags) {
  const authorities = read(flags.requestheaderClientCaFile)
  if (authorities === undefined) return undefined
  return {
    authorities,
    clientAuthorities: read(flags.clientCaFile),
    allowedNames: flags.requestheaderAllowedNames,
    usernameHeaders: flags.requestheaderUsernameHeaders,
    uidHeaders: flags.requestheaderUidHeaders,
    groupHeaders: flags.requestheaderGroupHeaders,
    extraHeaderPrefixes: flags.requestheaderExtraHeadersPrefix,
  }
}

const read = (file: string | undefined): string | undefined =>
  file === undefined ? undefined : readFileSync(file, 'utf8')

/** The files that are named, or those in the folder of certificates, if they are there. */
function servingFrom({ tlsCertFile, tlsPrivateKeyFile, certDir }: ServerFlags) {
  const inDir = (name: string) => (certDir === undefined ? undefined : join(certDir, name))
  const found = inDir('apiserver.crt')
  const isThere = found !== undefined && existsSync(found)
  const certificatePem = read(tlsCertFile ?? (isThere ? found : undefined))
  const privateKeyPem = read(tlsPrivateKeyFile ?? (isThere ? inDir('apiserver.key') : undefined))
  if (certificatePem === undefined || privateKeyPem === undefined) return undefined
  return { certificatePem, privateKeyPem }
}
