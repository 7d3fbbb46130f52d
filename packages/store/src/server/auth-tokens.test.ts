import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest'
import { signMethods } from '../auth/jwt-tokens.js'
import { etcdPath, RealEtcd } from '../judges/real-etcd.fixture.js'
import { openTestEtcd } from './etcd.fixture.js'

let folder: string
const file = (name: string) => join(folder, name)

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'token-keys-'))
  makeKeys('rsa', ['-algorithm', 'RSA', '-pkeyopt', 'rsa_keygen_bits:2048'])
  makeKeys('other', ['-algorithm', 'RSA', '-pkeyopt', 'rsa_keygen_bits:2048'])
  makeKeys('ed25519', ['-algorithm', 'ED25519'])
  for (const curve of ['P-256', 'P-384', 'P-521'])
    makeKeys(curve, ['-algorithm', 'EC', '-pkeyopt', `ec_paramgen_curve:${curve}`])
  writeFileSync(file('secret.key'), 'a secret that nobody guesses, and long enough\n')
})
afterAll(() => rmSync(folder, { recursive: true }))

/** As whoever runs etcd makes them. */
function makeKeys(name: string, args: readonly string[]): void {
  const key = file(`${name}.key`)
  execFileSync('openssl', ['genpkey', ...args, '-out', key], { stdio: 'pipe' })
  execFileSync('openssl', ['pkey', '-in', key, '-pubout', '-out', file(`${name}.pub`)])
}

const KEY_OF: Readonly<Record<string, string>> = {
  EdDSA: 'ed25519',
  ES256: 'P-256',
  ES384: 'P-384',
  ES512: 'P-521',
}

function optionFor(method: string, more = ''): string {
  if (method.startsWith('HS'))
    return `jwt,sign-method=${method},priv-key=${file('secret.key')}${more}`
  const name = KEY_OF[method] ?? 'rsa'
  const keys = `pub-key=${file(`${name}.pub`)},priv-key=${file(`${name}.key`)}`
  return `jwt,${keys},sign-method=${method}${more}`
}

interface Answer {
  readonly status: number
  readonly body: { readonly token?: string; readonly error?: string; readonly count?: string }
}

async function post(url: string, path: string, body: object, token = ''): Promise<Answer> {
  const headers: Record<string, string> = token === '' ? {} : { authorization: token }
  const options = { method: 'POST', headers, body: JSON.stringify(body) }
  const response = await fetch(`${url}/v3/${path}`, options)
  return { status: response.status, body: (await response.json()) as Answer['body'] }
}

/** The same users everywhere: so the same revision of permissions. Answers root's token. */
async function enableAuth(url: string): Promise<string> {
  await post(url, 'auth/user/add', { name: 'root', password: 'r' })
  await post(url, 'auth/user/grant', { user: 'root', role: 'root' })
  await post(url, 'auth/enable', {})
  return login(url)
}

async function login(url: string): Promise<string> {
  const { body } = await post(url, 'auth/authenticate', { name: 'root', password: 'r' })
  return String(body.token)
}

const KEY = Buffer.from('k').toString('base64')
const put = (url: string, token: string) => post(url, 'kv/put', { key: KEY, value: KEY }, token)

describe('--auth-token jwt', () => {
  it('gives tokens that say what they are, and end when anything changes', async () => {
    const option = optionFor('RS256', ',ttl=10m')
    await using test = await openTestEtcd({ 'auth-token': option, 'bcrypt-cost': 4 })
    const token = await enableAuth(test.url)
    const [head, claims] = token
      .split('.', 2)
      .map((part) => JSON.parse(Buffer.from(part, 'base64url').toString()))
    expect(head).toEqual({ alg: 'RS256', typ: 'JWT' })
    expect(claims).toEqual({ username: 'root', revision: 3, exp: expect.any(Number) })
    expect((await put(test.url, token)).status).toBe(200)
    await post(test.url, 'auth/role/add', { name: 'new' }, token)
    expect((await put(test.url, token)).body.error).toBe(
      'etcdserver: revision of auth store is old',
    )
    expect((await put(test.url, await login(test.url))).status).toBe(200)
    expect((await put(test.url, `${token}x`)).body.error).toBe('etcdserver: invalid auth token')
  }, 20_000)

  it('with the public key alone takes tokens, and makes none', async () => {
    const option = `jwt,pub-key=${file('rsa.pub')},sign-method=RS256`
    await using maker = await openTestEtcd({ 'auth-token': optionFor('RS256'), 'bcrypt-cost': 4 })
    await using test = await openTestEtcd({ 'auth-token': option, 'bcrypt-cost': 4 })
    await enableAuth(test.url)
    const { body } = await post(test.url, 'auth/authenticate', { name: 'root', password: 'r' })
    expect(body.error).toBe('token signing attempted with verify-only key')
    expect((await put(test.url, await enableAuth(maker.url))).status).toBe(200)
  }, 20_000)

  const refusals: [string, () => string, string][] = [
    ['a key of another kind', () => option('RS256', 'P-256'), 'RS256 needs a key of the kind rsa'],
    ['another curve', () => option('ES256', 'P-384'), 'ec (prime256v1), not ec (secp384r1)'],
    ['no file', () => option('RS256', 'nothing'), 'no such file'],
    ['a file that is no key', () => option('RS256', 'secret'), 'secret.key: '],
    [
      'keys that are not a pair',
      () => `jwt,pub-key=${file('rsa.pub')},priv-key=${file('other.key')},sign-method=PS256`,
      "pub-key and priv-key don't belong together",
    ],
  ]
  const option = (method: string, name: string) =>
    `jwt,priv-key=${file(`${name}.key`)},sign-method=${method}`

  test.each(refusals)('refused: %s', async (_, value, problem) => {
    await expect(openTestEtcd({ 'auth-token': value() })).rejects.toThrow(problem)
  })
})

/** What 3.4 does not know. */
const NEWER: readonly string[] = ['EdDSA']

describe.skipIf(etcdPath() === undefined)('tokens of ours and of a real etcd', () => {
  const methods = signMethods.filter((method) => !NEWER.includes(method))
  it.each(methods)(
    '%s: each takes the other’s',
    async (method) => {
      const option = optionFor(method)
      await using ours = await openTestEtcd({ 'auth-token': option, 'bcrypt-cost': 4 })
      const flags = [`--auth-token=${option}`, '--bcrypt-cost=4']
      await using theirs = await RealEtcd.start(etcdPath() ?? '', flags)
      const [ourToken, theirToken] = [await enableAuth(ours.url), await enableAuth(theirs.url)]
      expect(await put(theirs.url, ourToken)).toMatchObject({ status: 200 })
      expect(await put(ours.url, theirToken)).toMatchObject({ status: 200 })
      const forged = `${ourToken.slice(0, -6)}AAAAAA`
      for (const { url } of [ours, theirs]) expect((await put(url, forged)).status).toBe(401)
    },
    20_000,
  )
})
