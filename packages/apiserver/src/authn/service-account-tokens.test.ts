import { generateKeyPairSync, type KeyObject } from 'node:crypto'
import { type KubeObject, ManualClock, seededRandom } from '@miniplane/api'
import { createLocalJWKSet, decodeProtectedHeader, type JSONWebKeySet, jwtVerify } from 'jose'
import { expect, test } from 'vitest'
import type { Lister } from '../registry/strategy.js'
import { type ServiceAccountTokens, TokenIssuer } from './service-account-tokens.js'

const ISSUER = 'https://kubernetes.default.svc'
const clock = new ManualClock()
const account: KubeObject = {
  kind: 'ServiceAccount',
  apiVersion: 'v1',
  metadata: { name: 'robot', namespace: 'ns', uid: 'u-1' },
}
const claims = {
  namespace: 'ns',
  serviceAccount: { name: 'robot', uid: 'u-1' },
  audiences: [ISSUER],
  expirationSeconds: 600,
}

function issuerFor(found: KubeObject | undefined): TokenIssuer {
  const lister: Lister = { get: () => found, list: () => [], getLatest: async () => undefined }
  return new TokenIssuer(clock, seededRandom(1), () => lister)
}

test('whoever has the published keys can verify a token', async () => {
  const issuer = issuerFor(account)
  const token = await issuer.sign(claims)
  const keys = await issuer.publicKeys()
  expect(decodeProtectedHeader(token)).toEqual({ alg: 'RS256', kid: keys[0]?.kid })
  const keySet = createLocalJWKSet({ keys } as unknown as JSONWebKeySet)
  const { payload } = await jwtVerify(token, keySet, { currentDate: new Date(clock.now()) })
  expect(payload.sub).toBe('system:serviceaccount:ns:robot')
})

test('a token stands for its account, for whom it was made, and for its time', async () => {
  const issuer = issuerFor(account)
  const token = await issuer.sign({ ...claims, audiences: [ISSUER, 'vault'] })
  const name = 'system:serviceaccount:ns:robot'
  expect(await issuer.verify(token)).toMatchObject({ user: { name }, audiences: [ISSUER] })
  expect(await issuer.verify(token, ['x', 'vault'])).toMatchObject({ audiences: ['vault'] })
  expect(await issuer.verify(token, ['x'])).toEqual({
    problem: `token audiences ["${ISSUER}" "vault"] is invalid for the target audiences ["x"]`,
  })
  clock.advance(601_000)
  expect(await issuer.verify(token)).toEqual({ problem: 'service account token has expired' })
})

test('a token dies with its account, and is none of a namesake', async () => {
  const gone = issuerFor(undefined)
  expect(await gone.verify(await gone.sign(claims))).toEqual({
    problem: 'serviceaccounts "robot" not found',
  })
  const namesake = issuerFor({ ...account, metadata: { ...account.metadata, uid: 'u-2' } })
  expect(await namesake.verify(await namesake.sign(claims))).toEqual({
    problem: 'service account UID (u-2) does not match claim (u-1)',
  })
})

test('a token of a Pod says where it runs', async () => {
  const issuer = issuerFor(account)
  const bound = { kind: 'Pod', name: 'p', uid: 'u-1', node: { name: 'n', uid: 'u-9' } }
  const verified = await issuer.verify(await issuer.sign({ ...claims, bound }))
  expect(verified?.user?.extra).toMatchObject({
    'authentication.kubernetes.io/pod-name': ['p'],
    'authentication.kubernetes.io/node-name': ['n'],
    'authentication.kubernetes.io/node-uid': ['u-9'],
  })
})

test('nobody takes the token of another issuer', async () => {
  const token = await issuerFor(account).sign(claims)
  const other = issuerFor(account)
  await other.publicKeys()
  expect((await other.verify(token))?.user).toBeUndefined()
})

test('a key that could not be kept signs nothing, and the next one is made anew', async () => {
  const saved: string[] = []
  const lister: Lister = { get: () => account, list: () => [], getLatest: async () => undefined }
  let isFull = true
  const keyKeeper = {
    load: async () => saved[0],
    save: async (pem: string) => {
      if (isFull) throw new Error('no space left')
      saved.push(pem)
    },
  }
  const issuer = new TokenIssuer(clock, seededRandom(1), () => lister, { keyKeeper })
  await expect(issuer.sign(claims)).rejects.toThrow('no space left')
  isFull = false
  const token = await issuer.sign(claims)
  const later = new TokenIssuer(clock, seededRandom(2), () => lister, { keyKeeper })
  expect(await later.verify(token)).toMatchObject({ audiences: [ISSUER] })
})

const pemOf = (key: KeyObject, type: 'pkcs8' | 'spki') =>
  key.export({ format: 'pem', type }).toString()
const lister: Lister = { get: () => account, list: () => [], getLatest: async () => undefined }
const issuerWith = (given: ServiceAccountTokens) =>
  new TokenIssuer(clock, seededRandom(1), () => lister, { given })

test.each([
  ['RS256', generateKeyPairSync('rsa', { modulusLength: 2048 })],
  ['ES256', generateKeyPairSync('ec', { namedCurve: 'P-256' })],
  ['ES384', generateKeyPairSync('ec', { namedCurve: 'P-384' })],
] as const)('keys may be given, of %s among others', async (alg, { privateKey, publicKey }) => {
  const signing = issuerWith({ signingKey: pemOf(privateKey, 'pkcs8'), issuers: ['https://a'] })
  const token = await signing.sign({ ...claims, audiences: ['https://a'] })
  const other = generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey
  const verifyingKeys = [pemOf(other, 'spki') + pemOf(publicKey, 'spki')]
  const believing = issuerWith({
    verifyingKeys,
    issuers: ['https://b', 'https://a'],
    audiences: ['https://a', 'us'],
  })
  expect(await believing.verify(token)).toMatchObject({ audiences: ['https://a'] })
  const keys = await believing.publicKeys()
  expect(keys.map((key) => key.alg)).toEqual(['RS256', alg])
  expect(decodeProtectedHeader(token)).toEqual({ alg, kid: keys[1]?.kid })
  expect(await issuerWith({ verifyingKeys }).verify(token), 'nobody it knows').toBeUndefined()
  expect(
    await issuerWith({ verifyingKeys: [pemOf(other, 'spki')], issuers: ['https://a'] }).verify(
      token,
    ),
  ).toEqual({
    problem: 'invalid signature, no keys found',
  })
})
