import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { toYaml } from '@miniplane/api'
import { parseKubeconfig } from '@miniplane/client'

const CLUSTER = 'miniplane'
const ABOUT = '# written by miniplane, removed when it stops\n'

/** The admin's kubeconfig, which `kubectl` and every client library understand. */
export function kubeconfigText(options: {
  readonly server: string
  readonly certificateAuthority: string
  readonly token: string
}): string {
  const config = toYaml({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': CLUSTER,
    clusters: [
      {
        name: CLUSTER,
        cluster: {
          server: options.server,
          'certificate-authority-data': Buffer.from(options.certificateAuthority).toString(
            'base64',
          ),
        },
      },
    ],
    users: [{ name: 'admin', user: { token: options.token } }],
    contexts: [
      { name: CLUSTER, context: { cluster: CLUSTER, user: 'admin', namespace: 'default' } },
    ],
  })
  return ABOUT + config
}

/**
 * Writes it so that only its owner can read the token in it. Takes the place of what an earlier
 * plane left behind, and of nothing else: a `~/.kube/config` with a person's own clusters stays.
 * Errors: `EEXIST`, and those of the system.
 */
export function writeKubeconfig(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true })
  if (existsSync(path)) {
    if (!isOurs(path)) throw notOurs(path)
    // Not written over: it would keep its mode.
    rmSync(path)
  }
  writeFileSync(path, text, { mode: 0o600, flag: 'wx' })
}

/** Leaves it alone when it has become somebody else's; `token` says whose it is. */
export function removeKubeconfig(path: string, token: string): void {
  if (existsSync(path) && isOurs(path) && readFileSync(path, 'utf8').includes(token)) rmSync(path)
}

/**
 * One that knows no cluster but a plane, however `kubectl config` has changed it since: a namespace
 * that somebody chose takes the comment away as well.
 */
function isOurs(path: string): boolean {
  try {
    const clusters = [...parseKubeconfig(readFileSync(path, 'utf8'), path).clusters.keys()]
    return clusters.length > 0 && clusters.every((name) => name === CLUSTER)
  } catch {
    // What can't be read as a kubeconfig is somebody else's.
    return false
  }
}

const notOurs = (path: string): Error =>
  Object.assign(
    new Error(`${path} exists and is not miniplane's: it was left as it is; name another file`),
    { code: 'EEXIST' },
  )
