import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it, test } from 'vitest'
import { type ServerFlags, serverCommand, withoutEffect } from './flags.js'
import { optionsFrom } from './run.js'
import { readTokens } from './token-file.js'

const folder = mkdtempSync(join(tmpdir(), 'kube-apiserver-'))
afterAll(() => rmSync(folder, { recursive: true }))

function parse(...args: readonly string[]) {
  const command = serverCommand()
    .exitOverride()
    .configureOutput({ writeErr: () => {} })
  command.parse(['--etcd-servers=http://127.0.0.1:2379', ...args], { from: 'user' })
  return { command, flags: command.opts<ServerFlags>() }
}

const file = (name: string, text: string) => {
  const path = join(folder, name)
  writeFileSync(path, text)
  return path
}

describe('flags', () => {
  it('are those of the real server, in either of its forms', () => {
    const { flags } = parse('--secure-port=0', '--bind-address', '127.0.0.1', '--etcd-prefix=/x')
    expect(optionsFrom(flags)).toMatchObject({
      controllers: false,
      https: { host: '127.0.0.1', port: 0 },
      etcd: { servers: ['http://127.0.0.1:2379'], prefix: '/x' },
      authorizationModes: ['AlwaysAllow'],
    })
  })

  it('of lists add up', () => {
    const { flags } = parse(
      ...['--disable-admission-plugins=A,B', '--disable-admission-plugins=C'],
      '--authorization-mode=Node,RBAC',
    )
    expect(flags.disableAdmissionPlugins).toEqual(['A', 'B', 'C'])
    expect(flags.authorizationMode).toEqual(['Node', 'RBAC'])
    // Nothing is left of it for the next one.
    expect(parse().flags.disableAdmissionPlugins).toEqual([])
  })

  it('that mean nothing here are taken, with and without a value, and named', () => {
    const { command } = parse('--allow-privileged', '--event-ttl=1h', '--v=2')
    expect(withoutEffect(command)).toEqual(['allow-privileged', 'event-ttl', 'v'])
  })

  it.each(['--insecure-port=0', '--secure-port=x', '--authorization-mode=Nobody'])(
    '%s is refused',
    (arg) => {
      expect(() => parse(arg)).toThrow()
    },
  )
})

describe('service accounts', () => {
  it('have the keys, issuers and audiences that are named', () => {
    const key = file('sa.key', 'KEY')
    const { flags } = parse(
      ...['--service-account-issuer=https://a', '--service-account-issuer=https://b'],
      ...[`--service-account-key-file=${file('sa.pub', 'PUB')}`, '--api-audiences=us,them'],
      ...[`--service-account-signing-key-file=${key}`, '--service-account-max-token-expiration=2h'],
    )
    expect(optionsFrom(flags).serviceAccountTokens).toEqual({
      issuers: ['https://a', 'https://b'],
      audiences: ['us', 'them'],
      signingKey: 'KEY',
      verifyingKeys: ['PUB'],
      expirationSecondsMax: 7200,
    })
    expect(() => parse('--service-account-max-token-expiration=1m')).toThrow('1 hour')
  })
})

describe('who asks', () => {
  it('may be nobody, unless that is forbidden', () => {
    expect(optionsFrom(parse().flags).anonymousAuth).toBe(true)
    expect(optionsFrom(parse('--anonymous-auth=false').flags).anonymousAuth).toBe(false)
  })

  it('is said by front proxies', () => {
    const authority = file('front.crt', 'CA')
    const { flags } = parse(
      ...[`--requestheader-client-ca-file=${authority}`, '--requestheader-allowed-names=a,b'],
      ...['--requestheader-username-headers=X-Remote-User'],
    )
    expect(optionsFrom(flags).frontProxies).toMatchObject({
      authorities: 'CA',
      allowedNames: ['a', 'b'],
      usernameHeaders: ['X-Remote-User'],
      groupHeaders: [],
    })
    expect(optionsFrom(parse().flags).frontProxies).toBeUndefined()
  })
})

describe('certificates', () => {
  it('are those in the folder, if they are there', () => {
    expect(optionsFrom(parse(`--cert-dir=${folder}`).flags).https).toMatchObject({
      serving: undefined,
    })
    file('apiserver.crt', 'CERT')
    file('apiserver.key', 'KEY')
    expect(optionsFrom(parse(`--cert-dir=${folder}`).flags).https).toMatchObject({
      serving: { certificatePem: 'CERT', privateKeyPem: 'KEY' },
    })
  })

  it('of clients are believed for who signed them', () => {
    const { flags } = parse(`--client-ca-file=${file('ca.crt', 'CA')}`)
    expect(optionsFrom(flags).https).toMatchObject({ clientAuthorities: 'CA' })
  })
})

test('tokens are lines of token, user, uid and groups', () => {
  const path = file('tokens.csv', 't1,alice,u1,"a,b"\nt2,bob,u2\n\nt3,"x,""y""",u3,c\n')
  expect(readTokens(path)).toEqual([
    { token: 't1', name: 'alice', uid: 'u1', groups: ['a', 'b'] },
    { token: 't2', name: 'bob', uid: 'u2', groups: [] },
    { token: 't3', name: 'x,"y"', uid: 'u3', groups: ['c'] },
  ])
  expect(() => readTokens(file('broken.csv', 't1,alice\n'))).toThrow('line 1 is not token,user,uid')
})
