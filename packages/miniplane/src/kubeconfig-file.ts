import { chmodSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { toYaml } from '@miniplane/api'

/** The admin's kubeconfig, which `kubectl` and every client library understand. */
export function kubeconfigText(options: {
  readonly server: string
  readonly certificateAuthority: string
  readonly token: string
}): string {
  return toYaml({
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
}

/** Writes it so that only its owner can read the token in it. */
export function writeKubeconfig(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, text, { mode: 0o600 })
  // `mode` holds for new files only; one that was there keeps its own.
  chmodSync(path, 0o600)
}

export const removeKubeconfig = (path: string): void => rmSync(path, { force: true })
