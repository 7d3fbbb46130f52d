import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it, test } from 'vitest'
import { compactionOf } from './auto-compaction.js'
import { completionFor } from './completion.js'
import { parseFlags } from './flags.js'
import { help } from './help.js'
import { optionNames } from './options/options.js'
import { readConfig } from './read-config.js'

const folder = mkdtempSync(join(tmpdir(), 'etcd-config-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const read = (args: string[], env: Record<string, string> = {}) => readConfig(parseFlags(args), env)
const settings = async (args: string[], env?: Record<string, string>) =>
  (await read(args, env)).settings

function file(text: string): string {
  const path = join(folder, 'etcd.yaml')
  writeFileSync(path, text)
  return path
}

describe('where settings come from', () => {
  it('a flag wins over a variable, and a variable over the default', async () => {
    const env = { ETCD_NAME: 'env', ETCD_HEARTBEAT_INTERVAL: '50' }
    expect(await settings(['--name', 'flag'], env)).toMatchObject({
      name: 'flag',
      'heartbeat-interval': 50,
      'election-timeout': 1000,
    })
  })

  it('a variable that a flag overrides need not be right', async () => {
    const env = { ETCD_HEARTBEAT_INTERVAL: 'x' }
    expect(await settings(['--heartbeat-interval=60'], env)).toMatchObject({
      'heartbeat-interval': 60,
    })
    await expect(settings([], env)).rejects.toThrow(
      'invalid value "x" for ETCD_HEARTBEAT_INTERVAL: parse error',
    )
  })

  it('a variable that nobody knows is only a warning', async () => {
    const { warnings } = await read([], { ETCD_FOO: '1' })
    expect(warnings).toEqual(['unrecognized environment variable: ETCD_FOO=1'])
  })

  it('a file counts alone', async () => {
    const path = file(`
name: from-file
heartbeat-interval: 20
grpc-keepalive-interval: 7000000000
auto-compaction-retention: "1"
listen-client-urls: http://127.0.0.1:1
advertise-client-urls: http://127.0.0.1:1
log-outputs: [stderr, x.log]
client-transport-security:
  cert-file: c.pem
  key-file: k.pem
  client-cert-auth: true
peer-transport-security:
  trusted-ca-file: ca.pem
  allowed-cn: member
foo: bar
`)
    const { settings: all, warnings } = await read(
      ['--config-file', path, '--election-timeout=5000'],
      { ETCD_NAME: 'env' },
    )
    expect(all).toMatchObject({
      name: 'from-file',
      'data-dir': 'from-file.etcd',
      'heartbeat-interval': 20,
      'election-timeout': 1000,
      'grpc-keepalive-interval': 7000,
      'log-outputs': ['stderr', 'x.log'],
      'cert-file': 'c.pem',
      'client-cert-auth': true,
      'peer-trusted-ca-file': 'ca.pem',
      'peer-cert-allowed-cn': 'member',
    })
    expect(warnings).toEqual(['unknown key in the configuration file: foo'])
  })

  it('a file that is missing, or none, is refused', async () => {
    await expect(read(['--config-file', '/nope'])).rejects.toThrow('open /nope: ENOENT')
    await expect(read(['--config-file', file('name: [q')])).rejects.toThrow('is not YAML')
    await expect(read(['--config-file', file('- a')])).rejects.toThrow('expected keys and values')
    await expect(read(['--config-file', file('max-txn-ops: many')])).rejects.toThrow(
      'invalid value "many" for max-txn-ops: parse error',
    )
  })

  it('a member with a name of its own begins a cluster of its own URLs', async () => {
    expect(await settings(['--name', 'x'])).toMatchObject({
      'initial-cluster': 'x=http://localhost:2380',
      'data-dir': 'x.etcd',
    })
  })
})

describe('settings that contradict each other are refused', () => {
  test.each([
    [
      '--listen-client-urls http://127.0.0.1:1',
      '--advertise-client-urls is required when --listen',
    ],
    [
      '--listen-client-urls http://example.com:1 --advertise-client-urls http://x:1',
      'expected IP in URL for binding (http://example.com:1)',
    ],
    [
      '--election-timeout 200 --heartbeat-interval 100',
      '--election-timeout[200ms] should be at least as 5 times as --heartbeat-interval[100ms]',
    ],
    ['--election-timeout 60000', '--election-timeout[60000ms] is too long, and should be set less'],
    ['--auto-compaction-mode foo', 'unknown auto-compaction-mode "foo"'],
    ['--auto-compaction-retention abc', 'time: invalid duration "abc"'],
    ['--cert-file a', '--cert-file and --key-file must both be present, or both absent'],
    ['--discovery http://x/y', '--discovery is not supported'],
    ['--discovery http://x/y --initial-cluster a=http://b:1', 'multiple discovery or bootstrap'],
    ['--auth-token jwt', 'sign-method must be one of'],
    ['--auth-token jwt,sign-method=RS256', 'pub-key or priv-key is missing'],
    ['--auth-token magic', "choose 'simple' or 'jwt'"],
    ['--log-level loud', 'unknown log-level "loud"'],
    ['--initial-cluster a=b', '--initial-cluster: URL scheme must be'],
    ['extra', '"extra" is not a valid flag'],
  ])('%s', async (line, message) => {
    await expect(read(line.split(' '))).rejects.toThrow(message)
  })

  it('what has no effect is said', async () => {
    const { warnings } = await read(['--enable-v2'])
    expect(warnings).toEqual(['--enable-v2 has no effect here'])
  })
})

test.each([
  ['periodic', '0', undefined],
  ['periodic', '1', { mode: 'periodic', retentionMs: 3_600_000 }],
  ['periodic', '5m', { mode: 'periodic', retentionMs: 300_000 }],
  ['revision', '1000', { mode: 'revision', retentionRevisions: 1000 }],
] as const)('auto compaction %s %s', (mode, retention, expected) => {
  expect(
    compactionOf({ 'auto-compaction-mode': mode, 'auto-compaction-retention': retention }),
  ).toEqual(expected)
})

describe('what is said about the options', () => {
  it('help and completion name every one', () => {
    const text = help()
    const scripts = ['bash', 'zsh', 'fish'].map((shell) => completionFor(shell) ?? '')
    for (const name of optionNames) {
      expect(text).toContain(`--${name} `)
      for (const script of scripts) expect(script).toMatch(new RegExp(`(--| -l )${name}\\b`))
    }
  })
})
