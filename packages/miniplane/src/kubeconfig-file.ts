import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { toYaml } from '@miniplane/api'

/** By this line a file is known as one that may be overwritten and removed. */
const MARK = '# written by miniplane, removed when it stops\n'

/** The admin's kubeconfig, which `kubectl` and every client library understand. */
export function kubeconfigText(options: {
  readonly server: string
  readonly certificateAuthority: string
  readonly token: string
}): string {
  const config = toYaml({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'miniplane',
    clusters: [
      {
        name: 'miniplane',
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
      { name: 'miniplane', context: { cluster: 'miniplane', user: 'admin', namespace: 'default' } },
    ],
  })
  return MARK + config
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

/** Leaves it alone when it has become somebody else's. */
export function removeKubeconfig(path: string, text: string): void {
  if (existsSync(path) && readFileSync(path, 'utf8') === text) rmSync(path)
}

const isOurs = (path: string): boolean => readFileSync(path, 'utf8').startsWith(MARK)

const notOurs = (path: string): Error =>
  Object.assign(
    new Error(`${path} exists and is not miniplane's: it was left as it is; name another file`),
    { code: 'EEXIST' },
  )
