import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Kubeconfig } from './kubeconfig.js'
import { KubeconfigError } from './kubeconfig-error.js'

/** Everything needed to reach and to be known at an API server. */
export interface ConnectionConfig {
  /** Such as `https://127.0.0.1:6443`. */
  readonly server: string
  readonly certificateAuthority?: Buffer
  readonly insecureSkipTlsVerify?: boolean
  readonly tlsServerName?: string
  readonly token?: string
  readonly username?: string
  readonly password?: string
  readonly clientCertificate?: Buffer
  readonly clientKey?: Buffer
  readonly impersonateUser?: string
  /** The context's namespace. */
  readonly namespace?: string
  readonly userAgent?: string
  /** From sending a request to its first answer; default `limits.requestTimeoutMs`. */
  readonly timeoutMs?: number
}

/** The connection of a context (default: the current one), with files read in. */
export function connectionFrom(
  config: Kubeconfig,
  overrides: { readonly context?: string; readonly cluster?: string; readonly user?: string } = {},
): ConnectionConfig {
  const contextName = overrides.context ?? config.currentContext
  const context = contextName === '' ? undefined : config.contexts.get(contextName)
  if (overrides.context !== undefined && context === undefined) {
    throw new KubeconfigError(`context "${overrides.context}" does not exist`)
  }
  const cluster = config.clusters.get(overrides.cluster ?? context?.cluster ?? '')
  const user = config.users.get(overrides.user ?? context?.user ?? '')
  if (user?.exec !== undefined) {
    throw new KubeconfigError('credential plugins (exec) are not supported: use a token instead')
  }
  const data = (
    inline: string | undefined,
    path: string | undefined,
    folder: string | undefined,
  ) => {
    if (inline !== undefined) return Buffer.from(inline, 'base64')
    return path === undefined ? undefined : readCredential(resolve(folder ?? '.', path))
  }
  const token =
    user?.token ?? data(undefined, user?.tokenFile, user?.folder)?.toString('utf8').trim()
  return withoutUndefined({
    server: cluster?.server ?? 'http://localhost:8080',
    certificateAuthority: data(
      cluster?.certificateAuthorityData,
      cluster?.certificateAuthority,
      cluster?.folder,
    ),
    insecureSkipTlsVerify: cluster?.insecureSkipTlsVerify,
    tlsServerName: cluster?.tlsServerName,
    token,
    username: user?.username,
    password: user?.password,
    clientCertificate: data(user?.clientCertificateData, user?.clientCertificate, user?.folder),
    clientKey: data(user?.clientKeyData, user?.clientKey, user?.folder),
    impersonateUser: user?.impersonate,
    namespace: context?.namespace,
  })
}

function readCredential(path: string): Buffer {
  try {
    return readFileSync(path)
  } catch (cause) {
    const { message } = cause as Error
    throw new KubeconfigError(`unable to read ${path} named by the kubeconfig: ${message}`, {
      cause,
    })
  }
}

type Defined<T> = { [K in keyof T]: Exclude<T[K], undefined> }

/** Leaves out what is not there, so that "absent" has one form only. */
const withoutUndefined = <T extends object>(value: T): Partial<Defined<T>> & { server: string } =>
  Object.fromEntries(Object.entries(value).filter(([, part]) => part !== undefined)) as never
