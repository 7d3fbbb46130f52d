import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { connectionFrom } from './connection.js'
import { loadKubeconfig, parseKubeconfig } from './kubeconfig.js'
import { KubeconfigError } from './kubeconfig-error.js'

const folder = mkdtempSync(join(tmpdir(), 'kubeconfig-'))
afterAll(() => rmSync(folder, { recursive: true }))

const write = (name: string, text: string): string => {
  const path = join(folder, name)
  writeFileSync(path, text)
  return path
}

const config = (context: string, server: string, user: string) => `
apiVersion: v1
kind: Config
current-context: ${context}
clusters: [{name: ${context}, cluster: {server: "${server}", insecure-skip-tls-verify: true}}]
users: [{name: ${context}, user: ${user}}]
contexts: [{name: ${context}, context: {cluster: ${context}, user: ${context}, namespace: team}}]
`

describe('kubeconfig', () => {
  it('gives the connection of the current context', () => {
    const parsed = parseKubeconfig(config('dev', 'https://127.0.0.1:6443', '{token: secret}'))
    expect(connectionFrom(parsed)).toEqual({
      server: 'https://127.0.0.1:6443',
      insecureSkipTlsVerify: true,
      token: 'secret',
      namespace: 'team',
    })
  })

  it('merges the files of KUBECONFIG: the first to define a name wins, missing files are passed over', () => {
    const first = write('first', config('dev', 'https://one:1', '{token: one}'))
    const second = write('second', config('prod', 'https://two:2', '{token: two}'))
    const merged = loadKubeconfig(undefined, {
      KUBECONFIG: `${join(folder, 'missing')}:${first}:${second}`,
    })
    expect(connectionFrom(merged).server).toBe('https://one:1')
    expect(connectionFrom(merged, { context: 'prod' }).token).toBe('two')
  })

  it('reads credentials from files relative to the kubeconfig', () => {
    write('my-token', 'from-a-file\n')
    const path = write('relative', config('dev', 'https://x', '{tokenFile: my-token}'))
    expect(connectionFrom(loadKubeconfig(path, {})).token).toBe('from-a-file')
  })

  it.each([
    ['a file that is not there', () => loadKubeconfig(join(folder, 'none'), {}), /no such file/],
    [
      'broken YAML, naming the file',
      () => loadKubeconfig(write('broken', 'a: [1,\nb: }'), {}),
      /error loading config file ".*broken"/,
    ],
    [
      'a context that is not there',
      () => connectionFrom(parseKubeconfig(config('dev', 'https://x', '{}')), { context: 'nope' }),
      /context "nope" does not exist/,
    ],
    [
      'a credential file that is not there',
      () => connectionFrom(parseKubeconfig(config('dev', 'https://x', '{tokenFile: /no/such}'))),
      /unable to read \/no\/such/,
    ],
    [
      'a credential plugin',
      () => connectionFrom(parseKubeconfig(config('dev', 'https://x', '{exec: {command: x}}'))),
      /not supported: use a token/,
    ],
  ])('refuses %s', (_, act, message) => {
    expect(act).toThrow(KubeconfigError)
    expect(act).toThrow(message)
  })
})
