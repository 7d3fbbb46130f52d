import { existsSync, readFileSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import { parseYaml } from '@miniplane/api'
import { KubeconfigError } from './kubeconfig-error.js'

export interface KubeconfigCluster {
  server?: string
  certificateAuthority?: string
  certificateAuthorityData?: string
  insecureSkipTlsVerify?: boolean
  tlsServerName?: string
  /** Relative paths are relative to the file they stand in. */
  folder?: string
}

export interface KubeconfigUser {
  token?: string
  tokenFile?: string
  username?: string
  password?: string
  clientCertificate?: string
  clientCertificateData?: string
  clientKey?: string
  clientKeyData?: string
  impersonate?: string
  exec?: unknown
  folder?: string
}

export interface KubeconfigContext {
  cluster?: string
  user?: string
  namespace?: string
}

export interface Kubeconfig {
  currentContext: string
  clusters: Map<string, KubeconfigCluster>
  users: Map<string, KubeconfigUser>
  contexts: Map<string, KubeconfigContext>
}

/**
 * The files a client reads, as kubectl chooses them: an explicit one alone, else those that
 * `KUBECONFIG` lists, else `~/.kube/config`.
 */
export function kubeconfigPaths(
  explicit: string | undefined,
  environment: Readonly<Record<string, string | undefined>>,
): string[] {
  if (explicit !== undefined && explicit !== '') return [explicit]
  const listed = (environment.KUBECONFIG ?? '').split(delimiter).filter((path) => path !== '')
  return listed.length > 0 ? listed : [join(environment.HOME ?? '', '.kube', 'config')]
}

/**
 * Reads and merges kubeconfig files: for each name the first file that defines it wins. Files of a
 * list that do not exist are passed over; an explicit one must be there.
 */
export function loadKubeconfig(
  explicit: string | undefined,
  environment: Readonly<Record<string, string | undefined>>,
): Kubeconfig {
  const merged = emptyKubeconfig()
  for (const path of kubeconfigPaths(explicit, environment)) {
    if (!existsSync(path)) {
      if (explicit !== undefined && explicit !== '') {
        throw new KubeconfigError(`stat ${path}: no such file or directory`)
      }
      continue
    }
    mergeInto(merged, parseKubeconfig(readText(path), path))
  }
  return merged
}

/** Parses one kubeconfig; `path` is for messages and relative paths. */
export function parseKubeconfig(text: string, path = 'kubeconfig'): Kubeconfig {
  const document = readDocument(text, path)
  const folder = dirname(path)
  const named = <T>(list: unknown, part: string, withFolder: boolean): Map<string, T> => {
    const entries = new Map<string, T>()
    for (const entry of Array.isArray(list) ? (list as (Record<string, unknown> | null)[]) : []) {
      if (typeof entry !== 'object' || entry === null) continue
      const fields = camelCased(entry[part])
      if (typeof entry.name !== 'string' || entries.has(entry.name)) continue
      entries.set(entry.name, (withFolder ? { ...fields, folder } : fields) as T)
    }
    return entries
  }
  return {
    currentContext: String(document['current-context'] ?? ''),
    clusters: named<KubeconfigCluster>(document.clusters, 'cluster', true),
    users: named<KubeconfigUser>(document.users, 'user', true),
    contexts: named<KubeconfigContext>(document.contexts, 'context', false),
  }
}

const emptyKubeconfig = (): Kubeconfig => ({
  currentContext: '',
  clusters: new Map(),
  users: new Map(),
  contexts: new Map(),
})

function mergeInto(merged: Kubeconfig, next: Kubeconfig): void {
  if (merged.currentContext === '') merged.currentContext = next.currentContext
  for (const part of ['clusters', 'users', 'contexts'] as const) {
    const into = merged[part] as Map<string, unknown>
    for (const [name, value] of next[part]) if (!into.has(name)) into.set(name, value)
  }
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (cause) {
    throw new KubeconfigError(`error loading config file "${path}": ${(cause as Error).message}`, {
      cause,
    })
  }
}

function readDocument(text: string, path: string): Record<string, unknown> {
  let document: unknown
  try {
    document = parseYaml(text).value
  } catch (cause) {
    throw new KubeconfigError(`error loading config file "${path}": ${(cause as Error).message}`, {
      cause,
    })
  }
  return (document ?? {}) as Record<string, unknown>
}

/** `certificate-authority-data` → `certificateAuthorityData`; `as` is Kubernetes' impersonation. */
function camelCased(fields: unknown): Record<string, unknown> {
  const entries = Object.entries((fields ?? {}) as Record<string, unknown>)
  return Object.fromEntries(
    entries.map(([name, value]) => [
      name === 'as' ? 'impersonate' : name.replace(/-(\w)/g, (_, c: string) => c.toUpperCase()),
      value,
    ]),
  )
}
