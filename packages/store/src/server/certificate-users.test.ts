import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { etcdPath, RealEtcd } from '../judges/real-etcd.fixture.js'
import { etcdctl, programPath, type Transcript } from '../rpc/programs.fixture.js'
import { openTestEtcd, type TestEtcd } from './etcd.fixture.js'
import type { EtcdConfig } from './index.js'

/** Who shows which certificate: its common name, `!` what etcdctl is told to do. */
const STORY = [
  'root!user add root:r',
  'root!user grant-role root root',
  'root!user add alice:a',
  'root!user add bob:b',
  'root!role add a',
  'root!role grant-permission a readwrite a',
  'root!user grant-role alice a',
  'root!put secret 1',
  'root!auth enable',
  'root!user list',
  'root!put secret 2',
  'alice!put a 1',
  'alice!get a',
  'alice!get secret',
  'alice!put secret 1',
  'alice!user list',
  'alice!user get alice',
  'alice!role get a',
  'alice!watch secret',
  'alice!defrag',
  'root!defrag',
  'bob!get a',
  'stranger!get a',
  'stranger!user list',
  // What somebody knows counts for more than what somebody has.
  'alice!--user=root:r get secret',
  'root!--user=alice:a get secret',
  'root!--user=alice:wrong get secret',
  'root!user revoke-role alice a',
  'alice!get a',
  'root!auth disable',
  'stranger!get secret',
]
const NAMES = ['root', 'alice', 'bob', 'stranger']

const isWithoutJudge = programPath('etcdctl') === undefined || etcdPath() === undefined

describe.skipIf(isWithoutJudge)('users by their certificates, on us and on a real etcd', () => {
  let folder: string
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'certificate-users-'))
    makeCertificates(folder, ['server', ...NAMES])
  })
  afterAll(() => rmSync(folder, { recursive: true }))

  const path = (name: string) => join(folder, name)

  async function tellBoth(hasUsers: boolean): Promise<[Transcript[], Transcript[]]> {
    const config = {
      'cert-file': path('server.crt'),
      'key-file': path('server.key'),
      'trusted-ca-file': path('ca.crt'),
      'client-cert-auth': hasUsers,
      'bcrypt-cost': 4,
    }
    const flags = Object.entries(config).map(([name, value]) => `--${name}=${value}`)
    await using ours = await openSecure(config)
    await using theirs = await RealEtcd.start(etcdPath() ?? '', flags)
    return await Promise.all([tell(ours.url), tell(theirs.secureUrl)])
  }

  async function tell(url: string): Promise<Transcript[]> {
    const told: Transcript[] = []
    for (const line of STORY) {
      const [name = '', command = ''] = line.split('!')
      const files = [`--cert=${path(`${name}.crt`)}`, `--key=${path(`${name}.key`)}`]
      const args = [`--cacert=${path('ca.crt')}`, ...files, ...command.split(' ')]
      const forMs = command.startsWith('watch') ? 700 : 5000
      const { exit, output } = await etcdctl(url, args, { forMs })
      told.push({ exit, output: normalized(output, url) })
    }
    return told
  }

  it.each([
    ['with --client-cert-auth the common name is the user', true],
    ['without it nobody is anybody', false],
  ])(
    '%s',
    async (_, hasUsers) => {
      const [ours, theirs] = await tellBoth(hasUsers)
      const pairs = (told: Transcript[]) => STORY.map((line, i) => ({ line, ...told[i] }))
      expect(pairs(ours)).toEqual(pairs(theirs))
      expect(ours.filter(({ exit }) => exit === 0).length).toBeGreaterThan(8)
    },
    60_000,
  )
})

/** As whoever runs etcd makes them. */
function makeCertificates(folder: string, names: readonly string[]): void {
  const openssl = (...args: string[]) =>
    execFileSync('openssl', args, { cwd: folder, stdio: 'pipe' })
  const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes']
  openssl('req', '-x509', ...newKey, '-keyout', 'ca.key', '-out', 'ca.crt', '-subj', '/CN=ca')
  writeFileSync(join(folder, 'ext'), 'subjectAltName=IP:127.0.0.1\n')
  for (const name of names) {
    const [key, request, certificate] = [`${name}.key`, `${name}.csr`, `${name}.crt`]
    openssl('req', ...newKey, '-keyout', key, '-out', request, '-subj', `/CN=${name}`)
    const issuer = ['-CA', 'ca.crt', '-CAkey', 'ca.key', '-CAcreateserial', '-extfile', 'ext']
    openssl('x509', '-req', '-in', request, ...issuer, '-out', certificate)
  }
}

const ANY = 'https://127.0.0.1:0'

const openSecure = (config: EtcdConfig): Promise<TestEtcd> =>
  openTestEtcd({ 'listen-client-urls': [ANY], 'advertise-client-urls': [ANY], ...config })

const normalized = (output: string, url: string): string =>
  output
    .replaceAll(url, 'URL')
    .replace(/\{"level".*\n/g, '')
    // Maintenance of 3.4 forgets to translate its refusals.
    .replace(/rpc error: code = Unknown desc = auth: (user name|permission)/g, 'etcdserver: $1')
