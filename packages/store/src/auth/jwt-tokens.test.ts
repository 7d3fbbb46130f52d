import { createSecretKey, generateKeyPairSync } from 'node:crypto'
import { describe, expect, it, test } from 'vitest'
import type { Clock } from '../clock.js'
import { JwtTokens, signMethods } from './jwt-tokens.js'

let nowMs = 1_700_000_000_000
const clock: Clock = { now: () => nowMs, setTimer: () => ({ cancel() {} }) }

function keysFor(method: string) {
  if (method.startsWith('HS')) {
    const secret = createSecretKey(Buffer.from('a secret that nobody guesses'))
    return { signKey: secret, verifyKey: secret }
  }
  const curve = { ES256: 'P-256', ES384: 'P-384', ES512: 'P-521' }[method]
  const { privateKey, publicKey } =
    method === 'EdDSA'
      ? generateKeyPairSync('ed25519')
      : curve === undefined
        ? generateKeyPairSync('rsa', { modulusLength: 2048 })
        : generateKeyPairSync('ec', { namedCurve: curve })
  return { signKey: privateKey, verifyKey: publicKey }
}

const tokensFor = (method: string) =>
  new JwtTokens({ clock, method, ttlMs: 60_000, ...keysFor(method) })

describe('a signed token', () => {
  test.each(signMethods)('with %s says whose it is', (method) => {
    const tokens = tokensFor(method)
    const token = tokens.issue('bob', 7)
    expect(tokens.find(token)).toEqual({ username: 'bob', authRevision: 7 })
    expect(tokensFor(method).find(token.replace(/^[^.]*/, ''))).toBeUndefined()
  })

  it('is worth nothing when somebody else signed it, or changed it', () => {
    const tokens = tokensFor('ES256')
    const token = tokens.issue('bob', 7)
    const [head, , signature] = token.split('.')
    const root = Buffer.from('{"username":"root","revision":7,"exp":9999999999}')
    const unsigned = Buffer.from('{"alg":"none"}').toString('base64url')
    for (const forged of [
      tokensFor('ES256').issue('bob', 7),
      `${head}.${root.toString('base64url')}.${signature}`,
      `${unsigned}.${root.toString('base64url')}.`,
      'abc',
      '..',
      `${token}.x`,
    ])
      expect(tokens.find(forged), forged).toBeUndefined()
  })

  it('ends', () => {
    const tokens = tokensFor('EdDSA')
    const token = tokens.issue('bob', 7)
    nowMs += 59_000
    expect(tokens.find(token)).toBeDefined()
    nowMs += 2_000
    expect(tokens.find(token)).toBeUndefined()
  })
})
