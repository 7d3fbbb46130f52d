import { type KubeObject, ManualClock, seededRandom } from '@miniplane/api'
import { createLocalJWKSet, decodeProtectedHeader, type JSONWebKeySet, jwtVerify } from 'jose'
import { expect, test } from 'vitest'
import type { Lister } from '../registry/strategy.js'
import { ISSUER, TokenIssuer } from './service-account-tokens.js'

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

test('a token stands for its account while both live', async () => {
  const issuer = issuerFor(account)
  const token = await issuer.sign(claims)
  expect(await issuer.verify(token)).toMatchObject({ name: 'system:serviceaccount:ns:robot' })
  expect(await issuer.verify(token, 'another audience')).toBeUndefined()
  clock.advance(601_000)
  expect(await issuer.verify(token)).toBeUndefined()
})

test('a token dies with its account', async () => {
  const issuer = issuerFor(undefined)
  expect(await issuer.verify(await issuer.sign(claims))).toBeUndefined()
})

test('nobody takes the token of another issuer', async () => {
  const token = await issuerFor(account).sign(claims)
  const other = issuerFor(account)
  await other.publicKeys()
  expect(await other.verify(token)).toBeUndefined()
})
